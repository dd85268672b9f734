import { SignUpPage } from '../pages/accounts.ts';
import { NewGroupPage } from '../pages/groups.ts';
import { connect } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

/** What people could call themselves to do harm. A number is added to each. */
const NAMES = [
  '<img src=x onerror=hacked=1>',
  `'-hacked=1-'"\`\${hacked=1}{{hacked=1}}`,
  '"></title></script><svg onload=hacked=1>',
  '👩‍👩‍👧‍👦🏴‍☠️ e\u0301\u0302\u0303\u0304\u0305 שלום',
  'W'.repeat(60),
];

for (const name of NAMES) {
  test(`a name is a text, wherever it is shown: ${name}`, async ({ person }) => {
    const [alice, bob] = [await person('Alice'), await person(name)];
    const { page } = alice;
    // As the server draws it, and once the page lives.
    await page.reload();
    await expect(alice.home.voiceCall(bob.name)).toBeEnabled();
    await expect(alice.home.contact(bob.name)).toContainText(bob.name);

    // While it rings, in a call, and in the titles of both.
    await bob.ring(alice, 'voice');
    await expect(page).toHaveTitle(new RegExp(`^● ${literally(bob.name)} `));
    await alice.invitationBy(bob).decline.click();
    await connect(alice, bob, 'voice');
    await expect(alice.callWith(bob).screen).toContainText(bob.name);
    await expect(page).toHaveTitle(new RegExp(literally(bob.name)));
    await expect(page.getByRole('status').filter({ hasText: bob.name }).first(), 'what is read aloud').toBeAttached();
    await page.reload();
    await expect(alice.callWith(bob).timer).toBeVisible();
    await bob.callWith(alice).hangUp.click();

    // Afterwards, in the history, and on a page without a script.
    await expect(alice.home.notice).toContainText(`${bob.name} hung up`);
    await page.reload();
    await expect(page.getByRole('listitem').filter({ hasText: bob.name }).nth(1)).toBeVisible();
    await page.goto(`/people/${bob.account.id}`);
    await expect(page.getByRole('heading', { name: bob.name, exact: true })).toBeVisible();

    // And so is the name of a group.
    const group = name.slice(0, 60);
    await alice.home.open();
    await new NewGroupPage(page).make(group, bob.name);
    await expect(bob.home.group(group)).toContainText(alice.name);
    await expect(alice.home.group(group)).toContainText(bob.name);

    for (const one of [alice, bob]) {
      expect(await one.page.evaluate(() => 'hacked' in window)).toBe(false);
      expect(await one.page.locator('img, svg[onload]').count()).toBe(0);
      const tooWide = await one.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth - clientWidth;
      });
      expect(tooWide, 'pixels to be scrolled sideways').toBeLessThanOrEqual(0);
    }
  });
}

test('a name that turns the text around it, or hides in it, is refused', async ({ page, watch }) => {
  watch.expect(/status of 422/);
  const form = new SignUpPage(page);
  for (const name of ['\u202Eecila', 'Al\u2066ice', 'Alice\u200F', 'Al\u200Bice', 'Alice\u{E0041}', 'Al\u0007ice']) {
    await form.open();
    await form.signUp({ id: 'turncoat', name, password: 'correct horse' });
    await expect(form.problem, JSON.stringify(name)).toContainText('This name contains invisible control characters');
  }
});

/** A pattern for this text itself. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
