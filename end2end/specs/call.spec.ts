import { expectAllReleased, expectAudio, expectSilence, expectVideo, received } from '../support/media.ts';
import { connect, expectPlaying } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

test('two people see and hear each other in a video call', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    const screen = one.callWith(other);
    await expectPlaying(screen.picture);
    await expectPlaying(screen.ownPicture);
    await screen.expectDevices({ microphone: true, camera: true });
  }
});

test('two people hear each other in a voice call and no camera opens', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await one.callWith(other).expectDevices({ microphone: true, camera: false });
    expect(await one.page.evaluate(() => window.observed.tracks.map((track) => track.kind))).toEqual(['audio']);
    expect((await received(one.page)).framesDecoded).toBe(0);
  }
});

test('a muted microphone is announced and not heard, until it is on again', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  const { muted } = bob.callWith(alice);
  await expect(muted).toBeHidden();

  await alice.callWith(bob).microphone.click();
  await alice.callWith(bob).expectDevices({ microphone: false, camera: false });
  await expect(muted).toBeVisible();
  await expectSilence(bob.page);

  await alice.callWith(bob).microphone.click();
  await expect(muted).toBeHidden();
  const { audioEnergy } = await received(bob.page);
  await expect.poll(async () => (await received(bob.page)).audioEnergy).toBeGreaterThan(audioEnergy);
});

test('a camera that is off is stopped, and comes back', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  const cameras = () =>
    alice.page.evaluate(
      () => window.observed.tracks.filter((track) => track.kind === 'video' && track.readyState === 'live').length,
    );
  expect(await cameras()).toBe(1);

  await alice.callWith(bob).camera.click();
  await expect.poll(cameras, { message: 'the camera light goes out' }).toBe(0);
  await expect(bob.callWith(alice).picture).toBeHidden();

  await alice.callWith(bob).camera.click();
  await expect.poll(cameras).toBe(1);
  await expectPlaying(bob.callWith(alice).picture);
  await expectVideo(bob.page);
});

test('a declined video request leaves the voice call as it was', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  await alice.callWith(bob).camera.click();
  await bob.page.getByRole('button', { name: 'Not now' }).click();
  await expect(alice.callWith(bob).screen.getByText('did not turn video on')).toBeVisible();
  await alice.callWith(bob).expectDevices({ microphone: true, camera: false });
  await expect(bob.callWith(alice).picture).toBeHidden();
  await expectAudio(alice.page);
});

test('a video call can be answered with sound only', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).answerWithSound.click();
  await expectVideo(bob.page);
  await expect(alice.callWith(bob).picture).toBeHidden();
  expect(await bob.page.evaluate(() => window.observed.tracks.map((track) => track.kind))).toEqual(['audio']);
});

test('the timer runs, and whoever hangs up lets both go', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'video');
  for (const timer of [alice.callWith(bob).timer, bob.callWith(alice).timer]) {
    const before = (await timer.textContent()) ?? '';
    expect(before).toMatch(/^\d+:[0-5]\d$/);
    await expect(timer).not.toHaveText(before);
  }

  await alice.callWith(bob).hangUp.click();
  await expect(alice.home.notice).toContainText(`Call with ${bob.name} ended`);
  await expect(bob.home.notice).toContainText(`${alice.name} hung up`);
  for (const one of [alice, bob]) {
    await expect(one.home.notice).toContainText(/Duration \d+:[0-5]\d/);
    await expectAllReleased(one.page);
  }
  await alice.sees(bob, 'Online');
});

test('after a call the next one works, the other way round', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await connect(alice, bob, 'voice');
  await bob.callWith(alice).hangUp.click();
  await expect(alice.home.notice).toContainText(`${bob.name} hung up`);
  await connect(bob, alice, 'video');
});
