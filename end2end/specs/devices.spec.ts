import { expectAudio, expectVideo, received } from '../support/media.ts';
import { connect } from '../support/person.ts';
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

test('the quality that is chosen is that of the next call', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const captured = () =>
    alice.page.evaluate(() => {
      const cameras = window.observed.tracks.filter((track) => track.kind === 'video');
      return cameras.at(-1)?.getSettings().height;
    });
  await connect(alice, bob, 'video');
  expect(await captured()).toBe(480);
  await alice.callWith(bob).devices.click();
  await alice.deviceMenu.quality.selectOption('720p');
  await alice.page.keyboard.press('Escape');
  await expect(alice.deviceMenu.dialog).toBeHidden();
  await alice.callWith(bob).hangUp.click();
  await connect(alice, bob, 'video');
  expect(await captured()).toBe(720);
});

test('whoever speaks has a ring, and whoever is muted has none', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  const tile = alice.callWith(bob).screen.locator('.tile').filter({ hasText: bob.name });
  await expect(tile).toHaveClass(/speaking/);
  await bob.callWith(alice).microphone.click();
  await expect(alice.callWith(bob).muted).toBeVisible();
  await expect(tile).not.toHaveClass(/speaking/);
});
