import { answerPrompt, expectAllReleased, expectAudio, holdPrompts, openDevices } from '../support/media.ts';
import { expect, test } from '../support/sdk.ts';

test('a prompt of a call that was given up opens nothing in the next one', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  await holdPrompts(alice.page);
  const givenUp = alice.fails('call', { userID: bob.userID, type: 2 });
  await alice.expectStatus('calling');
  await alice.ask('hangup');
  expect((await givenUp).message).toContain('TRTCCalling.call - given up');

  const placed = alice.ask('call', { userID: carol.userID, type: 1 });
  await alice.expectStatus('calling');
  await answerPrompt(alice.page);
  expect(await carol.plot(), 'nobody rings before the microphone is open').toEqual([]);
  await answerPrompt(alice.page);
  await placed;
  await carol.expectStatus('calling');
  await carol.ask('accept');
  await alice.expectStatus('connected');
  await expectAudio(carol.page);
  await expect.poll(() => openDevices(alice.page), { message: 'no camera in a voice call' }).toEqual(['audio']);
  expect(await carol.heard('onUserVideoAvailable')).toEqual([{ userID: alice.userID, isVideoAvailable: false }]);
  await alice.ask('hangup');
  await expectAllReleased(alice.page);
});

test('a prompt of an answer that became a refusal opens no camera in the voice call after it', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await holdPrompts(alice.page);
  await bob.ask('call', { userID: alice.userID, type: 2 });
  await alice.expectStatus('calling');
  const givenUp = alice.fails('accept');
  await expect.poll(() => alice.page.evaluate(() => window.prompts.length)).toBe(1);
  await alice.ask('reject');
  await givenUp;
  await bob.expectStatus('idle');

  await bob.ask('call', { userID: alice.userID, type: 1 });
  await alice.expectStatus('calling');
  const answered = alice.ask('accept');
  await expect.poll(() => alice.page.evaluate(() => window.prompts.length)).toBe(2);
  for (let prompt = 0; prompt < 2; prompt++) await answerPrompt(alice.page);
  expect(await answered).toMatchObject({ video: false, callType: 1 });
  await expectAudio(bob.page);
  await expect.poll(() => openDevices(alice.page), { message: 'no camera in a voice call' }).toEqual(['audio']);
  await alice.ask('hangup');
  await expectAllReleased(alice.page);
});
