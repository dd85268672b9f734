import { touched } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

const NOTHING = { captures: 0, connections: 0, liveTracks: 0 };

test('nothing is captured and nothing is connected before the callee answers', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  expect(await touched(alice.page), 'before the call').toEqual(NOTHING);
  await alice.ring(bob, 'video');
  await expect(alice.callWith(bob).ringing).toBeVisible();
  expect(await touched(bob.page), 'while it rings').toEqual(NOTHING);
  expect((await touched(alice.page)).captures, 'one prompt comes with the call').toBe(1);

  await bob.invitationBy(alice).answerWithVideo.click();
  await expect(bob.callWith(alice).timer).toBeVisible();
  await expect.poll(() => touched(bob.page)).toEqual({ captures: 1, connections: 1, liveTracks: 2 });
});

test('declining touches no device', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).decline.click();
  await expect(alice.home.notice).toContainText('declined');
  expect(await touched(bob.page)).toEqual(NOTHING);
});
