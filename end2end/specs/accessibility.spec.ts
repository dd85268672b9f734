import { GroupPage, NewGroupPage } from '../pages/groups.ts';
import { PersonPage } from '../pages/people.ts';
import { audit } from '../support/audit.ts';
import { expect, test } from '../support/test.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test(`the pages pass the audit in ${colorScheme}`, async ({ page, watch }) => {
      watch.expect(/404/);
      for (const path of ['/sign-in', '/sign-up', '/no-such-page']) {
        await page.goto(path);
        await audit(page, path);
      }
    });

    test(`the forms pass the audit with a problem shown, in ${colorScheme}`, async ({ page, watch }) => {
      watch.expect(/status of 401/);
      await page.goto('/sign-in');
      await page.getByLabel('User ID').fill('nobody');
      await page.getByLabel('Password').fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('alert')).toContainText('wrong');
      await audit(page, 'a failed sign-in');
    });

    test(`every state of a call passes the audit in ${colorScheme}`, async ({ person }) => {
      const alice = await person('Alice');
      await audit(alice.page, 'home');
      const bob = await person('Bob');
      await alice.ring(bob, 'video');
      await expect(alice.callWith(bob).ringing).toBeVisible();
      await audit(alice.page, 'calling');
      await audit(bob.page, 'being called');
      await bob.invitationBy(alice).answerWithVideo.click();
      await expect(alice.callWith(bob).timer).toBeVisible();
      await audit(alice.page, 'in a video call');
      await alice.callWith(bob).camera.click();
      await expect(bob.callWith(alice).picture).toBeHidden();
      await audit(bob.page, 'in a call with a camera off');
      await bob.callWith(alice).hangUp.click();
      await expect(alice.home.notice).toBeVisible();
      await audit(alice.page, 'after the call');
    });

    test(`groups pass the audit in ${colorScheme}`, async ({ person }) => {
      const [alice, bob] = [await person('Alice'), await person('Bob')];
      await alice.home.open();
      await alice.page.getByRole('link', { name: 'New group' }).click();
      await audit(alice.page, 'making a group');
      await alice.home.open();
      await new NewGroupPage(alice.page).make('Kitchen', bob.name);
      await expect(alice.home.group('Kitchen')).toBeVisible();
      await audit(alice.page, 'the groups');
      await alice.home.group('Kitchen').getByRole('link').click();
      const group = new GroupPage(alice.page);
      await group.leave.click();
      await expect(group.leaveReally).toBeVisible();
      await audit(alice.page, 'leaving a group');
    });

    test(`the page of a person passes the audit in ${colorScheme}`, async ({ person }) => {
      const [alice, bob] = [await person('Alice'), await person('Bob')];
      const page = new PersonPage(alice.page);
      await page.open(bob.account.id);
      await audit(alice.page, 'somebody');
      await page.block.click();
      await expect(page.unblock).toBeVisible();
      await audit(alice.page, 'somebody who is blocked');
    });

    test(`the page of the account passes the audit in ${colorScheme}`, async ({ person }) => {
      const { page, account } = await person('Alice');
      await page.goto('/account');
      await audit(page, 'the account');
      const form = page.locator('form').filter({ has: page.getByLabel('New password') });
      const change = async (current: string): Promise<void> => {
        await form.getByLabel('Current password').fill(current);
        await form.getByLabel('New password').fill('eight lemons in a quiet harbour');
        await form.getByRole('button', { name: 'Change password' }).click();
      };
      await change('not the password');
      await expect(page.getByRole('alert')).toBeVisible();
      await audit(page, 'a wrong password');
      await change(account.password);
      await expect(page.getByRole('status')).toBeVisible();
      await audit(page, 'a changed password');
      await page.getByText('Sign out everywhere else').first().click();
      await audit(page, 'signing out everywhere else');
    });

    test(`choosing people and being asked for video pass the audit in ${colorScheme}`, async ({ person }) => {
      const [alice, bob] = [await person('Alice'), await person('Bob')];
      await alice.sees(bob, 'Online');
      await alice.home.groupCall.click();
      await alice.picker.choose(bob.name);
      await audit(alice.page, 'choosing people');
      await alice.picker.voiceCall.click();
      await bob.invitationBy(alice).answer.click();
      await alice.callWith(bob).camera.click();
      await expect(bob.page.getByRole('button', { name: 'Turn camera on' })).toBeVisible();
      await audit(bob.page, 'being asked for video');
      await audit(alice.page, 'asking for video');
      await bob.groupCall.add.click();
      await audit(bob.page, 'adding people');
    });
  });
}
