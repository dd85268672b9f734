import { colorOf, expectAudio, expectSilence, expectVideo, paintCameras } from '../support/media.ts';
import { expectPlaying } from '../support/person.ts';
import { expect, talk, test } from '../support/sdk.ts';

test('pictures are shown in the elements of the page, and taken out of them', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  await alice.ask('startLocalView', { userID: alice.userID, videoViewDomID: 'local' });
  await alice.ask('startRemoteView', { userID: bob.userID, videoViewDomID: 'remote' });
  for (const id of ['local', 'remote']) await expectPlaying(alice.page.locator(`#${id} video`));

  await alice.ask('stopRemoteView', { userID: bob.userID });
  await expect(alice.page.locator('#remote video')).toHaveCount(0);
  await alice.ask('stopLocalView', { userID: alice.userID });
  await expect(alice.page.locator('#local video')).toHaveCount(0);
  await expectVideo(bob.page);
});

test('a view may be started before the call, and sound needs none', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.ask('startLocalView', { userID: alice.userID, videoViewDomID: 'local' });
  await talk(alice, bob, 2);
  for (const one of [alice, bob]) await expectAudio(one.page);
  await alice.ask('hangup');
  await expect(alice.page.locator('#local video')).toHaveCount(0);
});

test('the others are told of every change of camera and microphone', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  await bob.expectHeard('onUserVideoAvailable', { userID: alice.userID, isVideoAvailable: true });
  await bob.forget();
  const { userID } = alice;
  for (const _ of [1, 2]) {
    expect(await alice.ask('closeCamera')).toBe(true);
    expect(await alice.ask('openCamera')).toBe(true);
  }
  await expect
    .poll(async () => (await bob.heard('onUserVideoAvailable')).map((event) => event.isVideoAvailable))
    .toEqual([false, true, false, true]);
  await expectVideo(bob.page);

  expect(await alice.ask('setMicMute', true)).toBe(true);
  await bob.expectHeard('onUserAudioAvailable', { userID, isAudioAvailable: false });
  await expectSilence(bob.page);
  expect(await alice.ask('setMicMute', false)).toBe(true);
  await bob.expectHeard('onUserAudioAvailable', { userID, isAudioAvailable: true });
  await expectAudio(bob.page);
});

test('the volume of everybody is told each second', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 1);
  const loudness = async (userID: string): Promise<number[]> => {
    const maps = (await alice.heard('onUserVoiceVolume')).flatMap(({ volumeMap }) => volumeMap);
    return maps.filter(({ userId }) => userId === userID).map(({ audioVolume }) => audioVolume);
  };
  await expect.poll(async () => Math.max(0, ...(await loudness(bob.userID)))).toBeGreaterThan(0);
  expect(Math.max(...(await loudness(bob.userID)))).toBeLessThanOrEqual(100);
});

test('a call of two becomes a video call and a voice call, and no camera opens by itself', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 1);
  await alice.ask('switchToVideoCall');
  for (const one of [alice, bob]) {
    await one.expectHeard('onCallTypeChanged', { callType: 2, userID: alice.userID });
    expect(await one.ask('getCallType')).toBe(2);
  }
  await expectVideo(bob.page);
  expect(await alice.heard('onUserVideoAvailable')).not.toContainEqual({ userID: bob.userID, isVideoAvailable: true });
  await bob.ask('openCamera');
  await expectVideo(alice.page);

  await bob.ask('switchToAudioCall');
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await one.expectHeard('onCallTypeChanged', { callType: 1, userID: bob.userID });
    await one.expectHeard('onUserVideoAvailable', { userID: other.userID, isVideoAvailable: false });
    await expectAudio(one.page);
  }
});

test('a switch that is not possible fails with its code, and the call goes on', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  expect((await alice.fails('switchToVideoCall')).code, 'in no call').toBe(60002);
  await talk(alice, bob, 1);
  await alice.forget();
  expect((await alice.fails('switchToAudioCall')).code, 'it is one already').toBe(60001);
  await expect.poll(async () => (await alice.heard('onError')).map(({ code }) => code)).toEqual([60001]);
  for (const one of [alice, bob]) {
    await one.expectStatus('connected');
    await expectAudio(one.page);
  }
});

test('a device is switched in the middle of a call, and remembered before one', async ({ calling, server }) => {
  const [alice, bob] = [await calling('Alice', { loggedIn: false }), await calling('Bob')];
  await paintCameras(alice.page.context());
  await alice.open(server.url);
  await alice.make();
  expect(await alice.ask('getCameras'), 'before the login').toEqual([
    { deviceId: 'Red', label: 'Red', groupId: '', kind: 'videoinput' },
    { deviceId: 'Blue', label: 'Blue', groupId: '', kind: 'videoinput' },
  ]);
  await alice.ask('switchDevice', 'video', 'Blue');
  await alice.login();
  await talk(alice, bob, 2);
  await bob.ask('startRemoteView', { userID: alice.userID, videoViewDomID: 'remote' });
  const picture = bob.page.locator('#remote video');
  await expectPlaying(picture);
  await expect.poll(() => colorOf(picture)).toBe('Blue');
  await alice.ask('switchDevice', { deviceType: 'video', deviceID: 'Red' });
  await expect.poll(() => colorOf(picture)).toBe('Red');
  await alice.ask('switchDevice', { deviceType: 'video', deviceId: 'Blue' });
  await expect.poll(() => colorOf(picture)).toBe('Blue');

  const microphones = (await alice.ask('getMicrophones')) as { deviceId: string; kind: string }[];
  expect(microphones.every(({ kind }) => kind === 'audioinput')).toBe(true);
  await alice.ask('switchDevice', { deviceType: 'audio', deviceID: microphones.at(-1)?.deviceId });
  await expectAudio(bob.page);
});

test('the quality is that of the next call', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  const captured = () =>
    alice.page.evaluate(() => {
      const { width, height } = window.observed.tracks.filter(({ kind }) => kind === 'video').at(-1)?.getSettings() ?? {};
      return [width, height];
    });
  expect(await alice.ask('getVideoQuality')).toBe('480p');
  await talk(alice, bob, 2);
  expect(await captured()).toEqual([640, 480]);
  expect(await alice.ask('setVideoQuality', '720p')).toBe('720p');
  expect(await captured()).toEqual([640, 480]);
  await alice.ask('hangup');
  await bob.expectStatus('idle');
  await talk(alice, bob, 2);
  expect(await captured()).toEqual([1280, 720]);
});

test('a lost connection is told of, and the call goes on', async ({ calling, line, watch }) => {
  const [alice, bob] = [await calling('Alice', { url: line.url }), await calling('Bob')];
  await talk(alice, bob, 1);
  // Being in a call is no way to the other side yet: before that is found, a cut keeps it from being found.
  await expectAudio(alice.page);
  watch.expect(/WebSocket connection/);
  line.cut();
  await alice.expectHeard('onReconnecting', {});
  await expectAudio(alice.page);
  line.mend();
  await alice.expectHeard('onReconnected', {});
  await alice.ask('hangup');
  await bob.expectHeard('onUserLeave', { userID: alice.userID });
});
