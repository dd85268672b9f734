import { expectAudio, expectVideo, received } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

test('a caller who refuses both devices still sees and hears', async ({ person }) => {
  const alice = await person('Alice', { failing: { name: 'NotAllowedError', devices: ['microphone', 'camera'] } });
  const bob = await person('Bob');
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).answerWithVideo.click();
  const screen = alice.callWith(bob);
  await expectAudio(alice.page);
  await expectVideo(alice.page);
  await screen.expectDevices({ microphone: false, camera: false });
  await expect(screen.screen).toContainText('Microphone and camera are not allowed.');
  await expect(bob.callWith(alice).muted).toBeVisible();
  expect((await received(bob.page)).framesDecoded).toBe(0);
});

test('a callee without a camera is heard, and sees the caller', async ({ person }) => {
  const alice = await person('Alice');
  const bob = await person('Bob', { failing: { name: 'NotFoundError', devices: ['camera'] } });
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).answerWithVideo.click();
  await expectVideo(bob.page);
  await expectAudio(alice.page);
  await expect(bob.callWith(alice).screen).toContainText('No camera was found.');
  await expect(alice.callWith(bob).picture).toBeHidden();
});

test('a callee whose microphone another program holds still listens', async ({ person }) => {
  const alice = await person('Alice');
  const bob = await person('Bob', { failing: { name: 'NotReadableError', devices: ['microphone'] } });
  await alice.ring(bob, 'voice');
  await bob.invitationBy(alice).answer.click();
  await expectAudio(bob.page);
  await expect(bob.callWith(alice).screen).toContainText('Another program uses the microphone.');
});
