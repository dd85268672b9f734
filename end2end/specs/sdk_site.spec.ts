import { expectAudio, expectVideo } from '../support/media.ts';
import { CallScreen, Invitation } from '../pages/call.ts';
import { expect, talk, test, userSig } from '../support/sdk.ts';

test('somebody on a page of a developer calls somebody on the site', async ({ calling, person }) => {
  const [alice, bob] = [await calling('Alice'), await person('Bob')];
  await alice.ask('call', { userID: bob.account.id, type: 2 });
  await new Invitation(bob.page, alice.userID).answerWithVideo.click();
  await alice.expectHeard('onUserAccept', { userID: bob.account.id });
  await alice.expectStatus('connected');
  const screen = new CallScreen(bob.page, alice.userID);
  await expect(screen.timer).toBeVisible();
  for (const page of [alice.page, bob.page]) {
    await expectAudio(page);
    await expectVideo(page);
  }
  await screen.hangUp.click();
  await alice.expectHeard('onUserLeave', { userID: bob.account.id });
  await alice.expectStatus('idle');
});

test('somebody on the site calls somebody on a page of a developer, and is asked before video', async ({ calling, person }) => {
  const bob = await person('Bob');
  const alice = await calling('Alice');
  await bob.home.voiceCall(alice.userID).click();
  await expect.poll(() => alice.heard('onInvited')).toHaveLength(1);
  await alice.ask('accept');
  const screen = new CallScreen(bob.page, alice.userID);
  await expect(screen.timer).toBeVisible();
  for (const page of [alice.page, bob.page]) await expectAudio(page);

  const switched = alice.ask('switchToVideoCall');
  await bob.page.getByRole('button', { name: 'Turn camera on' }).click();
  await switched;
  for (const page of [alice.page, bob.page]) await expectVideo(page);
  await alice.ask('hangup');
  await expect(bob.home.notice).toBeVisible();
});

test('a call outlives the userSig that it began with', async ({ calling }) => {
  test.setTimeout(90_000);
  const bob = await calling('Bob');
  const alice = await calling('Alice', { loggedIn: false });
  await alice.ask('login', { userID: alice.userID, userSig: userSig(alice.userID, { expire: 4 }) });
  await talk(alice, bob, 1);
  await alice.forget();
  const over = Date.now() + 4_000;
  // The server looks every five seconds.
  await expect.poll(() => Date.now(), { timeout: 30_000 }).toBeGreaterThan(over + 6_000);
  await alice.expectStatus('connected');
  await expectAudio(bob.page);
  await alice.ask('hangup');
  await expect.poll(async () => (await alice.heard('onError')).map(({ code }) => code)).toEqual([70001]);
  expect((await alice.fails('call', { userID: bob.userID, type: 1 })).message).toContain('not login');
  await alice.login();
  await talk(alice, bob, 1);
});

test('a userSig is renewed by another login, without a gap', async ({ calling }) => {
  test.setTimeout(90_000);
  const bob = await calling('Bob');
  const alice = await calling('Alice', { loggedIn: false });
  await alice.ask('login', { userID: alice.userID, userSig: userSig(alice.userID, { expire: 3 }) });
  const renewed = await alice.ask('login', { userID: alice.userID, userSig: userSig(alice.userID) });
  expect(renewed).toMatchObject({ data: { repeatLogin: true } });
  await expect.poll(() => alice.heard('onReconnected'), { timeout: 30_000 }).toHaveLength(1);
  await talk(bob, alice, 1);
  expect(await alice.heard('onError')).toEqual([]);
});
