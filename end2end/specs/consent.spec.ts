import { expectAllReleased, touched } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

const NOTHING = { captures: 0, connections: 0, reaching: 0, liveTracks: 0 };

test('nothing is captured and nothing is let out before the callee answers', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const sent: string[] = [];
  bob.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => sent.push(payload.toString()));
  });
  await bob.page.reload();
  expect(await touched(alice.page), 'before the call').toEqual(NOTHING);
  await alice.ring(bob, 'video');
  await expect(alice.callWith(bob).ringing).toBeVisible();
  expect((await touched(alice.page)).captures, 'one prompt comes with the call').toBe(1);
  await expect
    .poll(() => touched(bob.page), { message: 'an answer is prepared, and nobody is reached' })
    .toEqual({ captures: 0, connections: 1, reaching: 0, liveTracks: 0 });
  const tells = (frame: string): boolean => frame.includes('candidate:') || frame.includes('a=ice-ufrag');
  expect(sent.filter(tells), 'while it rings').toEqual([]);

  await bob.invitationBy(alice).answerWithVideo.click();
  await expect(bob.callWith(alice).timer).toBeVisible();
  await expect
    .poll(() => touched(bob.page))
    .toEqual({ captures: 1, connections: 1, reaching: 1, liveTracks: 2 });
  expect(sent.filter(tells)).not.toEqual([]);
});

test('declining touches no device', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).decline.click();
  await expect(alice.home.notice).toContainText('declined');
  await expectAllReleased(bob.page);
  expect((await touched(bob.page)).captures).toBe(0);
});
