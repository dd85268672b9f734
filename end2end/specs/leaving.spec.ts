import type { Locator } from '@playwright/test';
import { expectAllReleased, expectAudio, expectVideo } from '../support/media.ts';
import { connect } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

/** How long somebody who closed the tab may take to come back, and a little more. */
const GRACE = 14_000;

test('a closed tab ends the call when nobody comes back', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  await bob.page.close();
  await expect(alice.home.notice).toContainText(`The connection with ${bob.name} was lost`, { timeout: GRACE });
  await expectAllReleased(alice.page);
});

test('a caller who closes the tab while it rings stops ringing in the end', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'voice');
  await alice.page.close();
  await expect(bob.invitationBy(alice).dialog).toBeHidden({ timeout: GRACE });
});

test('a call survives a reload', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  const seconds = async (timer: Locator): Promise<number> => {
    const [minutes = 0, rest = 0] = ((await timer.textContent()) ?? '').split(':').map(Number);
    return 60 * minutes + rest;
  };
  await expect.poll(() => seconds(bob.callWith(alice).timer)).toBeGreaterThan(3);
  await bob.page.reload();
  await expect(bob.callWith(alice).timer).toBeVisible();
  await expect
    .poll(async () => (await seconds(alice.callWith(bob).timer)) - (await seconds(bob.callWith(alice).timer)))
    .toBeLessThan(2);
  for (const one of [alice, bob]) {
    await expectAudio(one.page);
    await expectVideo(one.page);
  }
  await bob.callWith(alice).hangUp.click();
  await expect(alice.home.notice).toContainText(`${bob.name} hung up`);
});

test('whoever stays may hang up while the other one is gone', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  await bob.page.close();
  await alice.callWith(bob).hangUp.click();
  await expect(alice.home.notice).toContainText('ended');
  await expectAllReleased(alice.page);
});

test('signing out leaves the call', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  const second = await bob.openTab();
  await second.getByRole('button', { name: 'Sign out' }).click();
  await expect(alice.home.notice).toContainText(bob.name);
  await expectAllReleased(alice.page);
});

test('an exclusive login elsewhere ends the call here at once, and says so', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  const elsewhere = await alice.openTab();
  await elsewhere.evaluate(() => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
    const hello = { version: 1, device: '00000000000000aa', login: 'exclusive' };
    socket.onopen = () => socket.send(JSON.stringify({ id: 0, command: { hello } }));
  });
  await expect(alice.page.getByText('You signed in somewhere else')).toBeVisible();
  await expectAllReleased(alice.page);
  await expect(bob.home.notice).toContainText(alice.name);
  await expectAllReleased(bob.page);

  await elsewhere.close();
  await alice.page.getByRole('link', { name: 'Use this page' }).click();
  await connect(alice, bob, 'voice');
});
