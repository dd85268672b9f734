import { colorOf, expectAudio, received, watchSoundGaps } from '../support/media.ts';
import { connect, expectPlaying } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

test('a voice call becomes a video call and a voice call again, and the sound goes on', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  const gaps = [await watchSoundGaps(alice.page), await watchSoundGaps(bob.page)];

  await alice.callWith(bob).camera.click();
  await expectPlaying(bob.callWith(alice).picture);
  await bob.callWith(alice).expectDevices({ microphone: true, camera: false });
  expect((await received(alice.page)).framesDecoded, 'a camera opens by its own consent only').toBe(0);
  await bob.page.getByRole('button', { name: 'Turn camera on' }).click();
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await expectPlaying(one.callWith(other).picture);
    await one.callWith(other).expectDevices({ microphone: true, camera: true });
  }

  await bob.page.getByRole('button', { name: 'Voice only' }).click();
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await expect(one.callWith(other).picture).toBeHidden();
    await one.callWith(other).expectDevices({ microphone: true, camera: false });
    await expectAudio(one.page);
  }
  for (const gap of gaps) expect(await gap(), 'milliseconds without a packet of sound').toBeLessThan(500);
});

test('another camera and another microphone in a call: the other side sees the one and hears no gap', async ({ person }) => {
  const alice = await person('Alice', { painted: true });
  const bob = await person('Bob');
  await connect(alice, bob, 'video');
  const seen = bob.callWith(alice).picture;
  await expect.poll(() => colorOf(seen)).toBe('Red');
  const gap = await watchSoundGaps(bob.page);

  const screen = alice.callWith(bob);
  await screen.devices.click();
  const menu = alice.deviceMenu;
  await expect(menu.camera.locator('option:checked')).toHaveText('Red');
  await menu.camera.selectOption('Blue');
  await expect.poll(() => colorOf(seen)).toBe('Blue');
  await menu.microphone.selectOption({ index: 1 });
  await expect(menu.microphone).not.toHaveValue('default');
  await menu.speaker.selectOption({ index: 1 });
  await expectAudio(alice.page);
  await expectAudio(bob.page);
  expect(await gap(), 'milliseconds without a packet of sound').toBeLessThan(500);
  await menu.close.click();
  await expect(menu.dialog).toBeHidden();

  // Off and on again, and in the next call, it is the chosen one.
  await screen.camera.click();
  await expect(seen).toBeHidden();
  await screen.camera.click();
  await expect.poll(() => colorOf(seen)).toBe('Blue');
  await screen.hangUp.click();
  await connect(alice, bob, 'video');
  await expect.poll(() => colorOf(seen)).toBe('Blue');
});
