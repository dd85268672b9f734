import { DemoPage } from '../pages/demo.ts';
import { audit } from '../support/audit.ts';
import { expectPlaying } from '../support/person.ts';
import { APP, expect, newUserID, test, userSig } from '../support/sdk.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test(`two people call each other on the demo, in ${colorScheme}`, async ({ browserOf }) => {
      const [alice, bob] = [newUserID('Alice'), newUserID('Bob')];
      const pages = [];
      for (const userID of [alice, bob]) {
        const page = await (await browserOf()).newPage();
        const demo = new DemoPage(page);
        await demo.open({ SDKAppID: APP, userID, userSig: userSig(userID) });
        await audit(page, 'logged out');
        await demo.logIn.click();
        await expect(demo.said).toContainText('Ready');
        await expect(demo.people).toBeFocused();
        expect(page.url(), 'the userSig does not stay in the address').not.toContain('userSig');
        await expect(demo.log).not.toContainText(userSig(userID).slice(0, 20));
        pages.push({ page, demo });
      }
      const [atAlice, atBob] = pages;
      if (!atAlice || !atBob) throw new Error('there are two of them');

      await atAlice.demo.people.fill(bob);
      await atAlice.demo.people.press('Enter');
      await expect(atBob.demo.invitation).toContainText(`${alice} calls you`);
      await expect(atBob.demo.invitation.getByRole('button', { name: 'Accept' })).toBeFocused();
      await audit(atBob.page, 'being called');
      await atBob.page.keyboard.press('Enter');
      await expectPlaying(atAlice.demo.tile(bob).locator('video'));
      await expectPlaying(atBob.demo.tile(alice).locator('video'));
      await audit(atAlice.page, 'in a call');

      await atBob.demo.microphone.click();
      await expect(atBob.demo.microphone).toHaveAttribute('aria-pressed', 'false');
      await expect(atAlice.demo.log).toContainText('{"userID":"' + bob + '","isAudioAvailable":false}');
      await atBob.demo.hangUp.click();
      await expect(atBob.demo.call, 'the focus is not lost').toBeFocused();
      for (const { demo } of pages) {
        await expect(demo.tiles).toHaveCount(0);
        await expect(demo.log).toContainText('onCallEnd');
      }
      await atAlice.demo.logOut.click();
      await expect(atAlice.demo.logIn).toBeVisible();
    });
  });
}

test('a call on the demo is declined, and a refused login says why', async ({ browserOf, calling }) => {
  const [alice, bob] = [newUserID('Alice'), await calling('Bob')];
  const page = await (await browserOf()).newPage();
  const demo = new DemoPage(page);
  await demo.open({ SDKAppID: APP, userID: alice, userSig: 'nonsense' });
  await demo.logIn.click();
  await expect(demo.said).toContainText('login failed');
  await page.getByLabel('userSig').fill(userSig(alice));
  await demo.logIn.click();
  await expect(demo.said).toContainText('Ready');
  await demo.people.fill(bob.userID);
  await demo.call.click();
  await bob.expectStatus('calling');
  await bob.ask('reject');
  await expect(demo.said).toContainText(`${bob.userID} declined`);
});

test('whoever is signed in to the site gets a userSig of their own account', async ({ person, server }) => {
  const alice = await person('Alice');
  await alice.page.goto(`${server.url}/sdk/demo`);
  await alice.page.getByRole('button', { name: 'Use my Yodel account' }).click();
  await expect(new DemoPage(alice.page).said).toContainText('Ready');
  await expect(alice.page.getByText(alice.account.id, { exact: true })).toBeVisible();
});
