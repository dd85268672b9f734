import { expectAllReleased, expectAudio, expectSilence, expectVideo } from '../support/media.ts';
import { connect, expectPlaying, type Person } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

/** Everything that goes from one browser to the other in a call, and stops and comes back. */
async function expectWholeCall(caller: Person, callee: Person): Promise<void> {
  await connect(caller, callee, 'video');
  for (const [one, other] of [[caller, callee], [callee, caller]] as const) {
    await expectPlaying(one.callWith(other).picture);
    await expectPlaying(one.callWith(other).ownPicture);

    await one.callWith(other).microphone.click();
    await expect(other.callWith(one).muted).toBeVisible();
    await expectSilence(other.page);
    await one.callWith(other).microphone.click();
    await expect(other.callWith(one).muted).toBeHidden();
    await expectAudio(other.page);

    await one.callWith(other).camera.click();
    await expect(other.callWith(one).picture).toBeHidden();
    await one.callWith(other).camera.click();
    await expectPlaying(other.callWith(one).picture);
    await expectVideo(other.page);
  }
  await callee.callWith(caller).hangUp.click();
  await expect(caller.home.notice).toContainText(`${callee.name} hung up`);
  for (const one of [caller, callee]) await expectAllReleased(one.page);
}

test('Chromium calls Firefox', async ({ person, firefox }) => {
  await expectWholeCall(await person('Alice'), await person('Bob', { browser: firefox }));
});

test('Firefox calls Chromium', async ({ person, firefox }) => {
  await expectWholeCall(await person('Bob', { browser: firefox }), await person('Alice'));
});

test('a voice call between Chromium and Firefox becomes a video call', async ({ person, firefox }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob', { browser: firefox })];
  // Firefox gives a connection up that has its answer, and no candidate for 5 seconds.
  await connect(alice, bob, 'voice', { answerAfterMs: 7_000 });
  await bob.callWith(alice).camera.click();
  await expectPlaying(alice.callWith(bob).picture);
  await alice.page.getByRole('button', { name: 'Turn camera on' }).click();
  await expectPlaying(bob.callWith(alice).picture);
  for (const one of [alice, bob]) await expectVideo(one.page);
});
