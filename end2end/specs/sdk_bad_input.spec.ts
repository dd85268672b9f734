import { expectAllReleased, touched } from '../support/media.ts';
import { APP, type Calling, expect, newUserID, talk, test, userSig } from '../support/sdk.ts';

// An exception of a page, and a rejected promise that nobody handles, fail any test: see `support/watch.ts`.

/** Nothing of what went before has wedged this instance. */
async function expectCallsWork(alice: Calling, bob: Calling): Promise<void> {
  await alice.expectStatus('idle');
  await talk(alice, bob, 1);
  await alice.ask('hangup');
  for (const one of [alice, bob]) {
    await one.expectStatus('idle');
    await expectAllReleased(one.page);
  }
}

test('an instance without an SDKAppID is not made', async ({ calling }) => {
  const alice = await calling('Alice', { loggedIn: false });
  const problems = await alice.page.evaluate(() => {
    const Class = window.TRTCCalling as unknown as new (options?: unknown) => unknown;
    return [undefined, null, {}, { SDKAppID: 'one' }, { SDKAppID: -1 }, { SDKAppID: 1.5 }].map((options) => {
      try {
        return `made with ${JSON.stringify(options)}: ${new Class(options)}`;
      } catch (error) {
        return error instanceof Error && error.message.includes('SDKAppID') ? 'refused' : String(error);
      }
    });
  });
  expect(problems).toEqual(problems.map(() => 'refused'));
});

test('a handler that is no function is refused, and one that throws stops nobody', async ({ calling, watch }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  const refused = await bob.page.evaluate(() => {
    try {
      window.trtcCalling.on('onInvited', 'ring' as never);
      return 'taken';
    } catch (error) {
      return error instanceof TypeError ? 'TypeError' : String(error);
    }
  });
  expect(refused).toBe('TypeError');

  watch.expect(/as the test wishes/);
  await bob.page.evaluate(() => {
    window.trtcCalling.off('onInvited');
    window.trtcCalling.on('onInvited', () => {
      throw new Error('as the test wishes');
    });
    window.trtcCalling.on('onInvited', (event) => window.told.push(['onInvited', event]));
  });
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await expect.poll(() => bob.heard('onInvited')).toHaveLength(1);
  await bob.ask('accept');
  await alice.expectStatus('connected');
});

test('a handler is called as often as it was added, until it is removed', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await bob.page.evaluate(() => {
    const ring = function (this: unknown) {
      window.told.push(['rung', this === window.trtcCalling]);
    };
    const never = () => window.told.push(['never', null]);
    for (const handler of [ring, ring, never, never]) window.trtcCalling.on('onInvited', handler);
    window.trtcCalling.off('onInvited', never);
  });
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectPlot([['onInvited', expect.anything()], ['rung', true], ['rung', true]]);
});

test('nothing is done before the login', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice', { loggedIn: false }), await calling('Bob')];
  const { userID } = bob;
  const view = { userID, videoViewDomID: 'remote' };
  const refused = 'not login，please use TRTCCalling.login';
  expect((await alice.fails('call', { userID, type: 1 })).message).toBe(`TRTCCalling.calling - ${refused}`);
  for (const [method, ...params] of [
    ['groupCall', { userIDList: [userID], type: 1 }],
    ['startRemoteView', view],
    ['startLocalView', view],
    ['stopRemoteView', { userID }],
    ['stopLocalView', { userID }],
    ['openCamera'],
    ['closeCamera'],
    ['setMicMute', true],
  ] as const) {
    expect((await alice.fails(method, ...params)).message, method).toContain(refused);
  }
  expect(await alice.ask('accept')).toBeUndefined();
  expect(await alice.ask('reject')).toBeUndefined();
  await alice.tries('hangup');
  await alice.tries('logout');
  expect((await touched(alice.page)).captures, 'nobody is asked for a device').toBe(0);
  await alice.login();
  await expectCallsWork(alice, bob);
});

test('parameters that make no sense are told back', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  const { userID } = bob;
  for (const params of [
    {},
    { type: 1 },
    { userID },
    { userID, type: 3 },
    { userID, type: 'video' },
    { userID: '', type: 1 },
    { userID: 42, type: 1 },
    { userID: 'not an id', type: 1 },
    { userID: alice.userID, type: 1 },
  ]) {
    const { message, msg, isError } = await alice.fails('call', params);
    expect(message).toBe(`TRTCCalling.call - params error:${JSON.stringify(params)}`);
    expect({ msg, isError }).toEqual({ msg: message, isError: true });
  }
  for (const params of [{}, { type: 1 }, { userIDList: userID, type: 1 }, { userIDList: [], type: 1 }, { userIDList: [userID] }]) {
    const { message } = await alice.fails('groupCall', params);
    expect(message).toBe(`TRTCCalling.groupCall - params error:${JSON.stringify(params)}`);
  }
  for (const method of ['call', 'groupCall', 'startRemoteView', 'startLocalView', 'stopRemoteView', 'stopLocalView'] as const) {
    for (const params of [undefined, null, 'bob']) {
      expect((await alice.fails(method, params)).message).toContain(`TRTCCalling.${method} - params error`);
    }
  }
  for (const quality of ['4k', undefined, {}, { width: -1, height: 480, frameRate: 15, bitrate: 400 }]) {
    expect((await alice.fails('setVideoQuality', quality)).message).toContain('params validate failed');
  }
  for (const params of [[], ['screen', 'default'], [{ deviceType: 'video' }], [{ deviceID: 'default' }]]) {
    await alice.fails('switchDevice', ...params);
  }
  expect(await bob.plot()).toEqual([]);
  await expectCallsWork(alice, bob);
});

test('a method at the wrong time is refused, and changes nothing', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  for (const method of ['accept', 'reject'] as const) expect(await alice.ask(method)).toBeUndefined();
  for (const method of ['stopRemoteView', 'stopLocalView'] as const) {
    expect(await alice.ask(method, { userID: bob.userID })).toBeUndefined();
  }
  await alice.tries('hangup');

  await alice.ask('call', { userID: bob.userID, type: 1 });
  const again = { userID: carol.userID, type: 1 };
  expect((await alice.fails('call', again)).message).toBe('TRTCCalling.call - CALL_STATUS: calling');
  await bob.expectStatus('calling');
  await bob.ask('accept');
  await alice.expectStatus('connected');
  expect((await alice.fails('call', again)).message).toBe('TRTCCalling.call - CALL_STATUS: connected');
  expect(await carol.plot()).toEqual([]);
  await alice.ask('hangup');
  await bob.expectStatus('idle');
  await expectCallsWork(alice, bob);
});

test('a view of nobody, and a view in no element, do no harm', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  expect(await alice.ask('startRemoteView', { userID: 'nobody', videoViewDomID: 'remote' })).toBeUndefined();
  await alice.tries('startRemoteView', { userID: bob.userID, videoViewDomID: 'nowhere' });
  await alice.tries('startLocalView', { userID: alice.userID, videoViewDomID: 'nowhere' });
  await alice.tries('stopRemoteView', { userID: bob.userID });
  await alice.ask('startRemoteView', { userID: bob.userID, videoViewDomID: 'remote' });
  await expect(alice.page.locator('#remote video')).toHaveCount(1);
});

test('a userSig that lets nobody in says why', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice', { loggedIn: false }), await calling('Bob')];
  const { userID } = alice;
  const dayAgo = Math.floor(Date.now() / 1000) - 24 * 60 * 60;
  const good = userSig(userID);
  for (const [params, code] of [
    [{ userID, userSig: userSig(userID, { time: dayAgo }) }, [70001]],
    [{ userID, userSig: 'nonsense' }, [70003]],
    [{ userID, userSig: userSig(userID, { secret: 'another secret' }) }, [70009]],
    [{ userID, userSig: userSig('somebody') }, [70013, 70014]],
    [{ userID, userSig: userSig(userID, { app: APP + 1 }) }, [70013, 70014]],
  ] as const) {
    const failure = await alice.fails('login', params);
    expect(failure.message).toMatch(new RegExp(`^TRTCCalling\\.login - userId: ${userID} login failed, error: .`));
    expect(code).toContain(failure.code);
  }
  for (const params of [undefined, {}, { userID }, { userID: 'not an id', userSig: good }, { userID: 42, userSig: good }]) {
    expect((await alice.fails('login', params)).message).toMatch(/^TRTCCalling\.login - userId: .* login failed, error: ./);
  }
  expect(await alice.heard('sdkReady')).toEqual([]);
  await alice.login();
  await expectCallsWork(alice, bob);
});

test('an app that the server does not know says so', async ({ calling }) => {
  const alice = await calling('Alice', { loggedIn: false });
  await alice.make({ SDKAppID: APP + 1 });
  const params = { userID: alice.userID, userSig: userSig(alice.userID, { app: APP + 1 }) };
  expect((await alice.fails('login', params)).code).toBe(70020);
});

test('a second login as the same user is fine, as another one is not', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice', { loggedIn: false }), await calling('Bob')];
  const { userID } = alice;
  const data = { actionStatus: 'OK', errorCode: 0, errorInfo: '', userID };
  expect(await alice.ask('login', { userID, userSig: userSig(userID) })).toEqual({ code: 0, data });
  await alice.ask('call', { userID: bob.userID, type: 1 });
  expect(await alice.ask('login', { userID, userSig: userSig(userID) })).toEqual({
    code: 0,
    data: { ...data, repeatLogin: true },
  });
  await bob.expectStatus('calling');

  const other = newUserID('Carol');
  const refused = await alice.fails('login', { userID: other, userSig: userSig(other) });
  expect(refused.message).toContain(`TRTCCalling.login - userId: ${other} login failed, error: `);
  expect(await alice.ask('getUserID')).toBe(userID);
  await bob.ask('accept');
  await alice.expectStatus('connected');

  expect(await alice.ask('logout')).toMatchObject({ code: 0 });
  await bob.expectHeard('onUserLeave', { userID });
  await bob.expectStatus('idle');
  await expectAllReleased(alice.page);
  await alice.ask('login', { userID: other, userSig: userSig(other) });
  expect(await alice.ask('getUserID')).toBe(other);
  await expectCallsWork(alice, bob);
});

test('a server that is away is waited for, or said to be away', async ({ calling, line, watch }) => {
  const [alice, bob] = [await calling('Alice', { url: line.url, loggedIn: false }), await calling('Bob')];
  watch.expect(/WebSocket connection|ERR_/);
  line.cut();
  const failure = await alice.fails('login', { userID: alice.userID, userSig: userSig(alice.userID) });
  expect(failure.message).toContain('login failed, error: ');
  line.mend();
  await alice.login();
  await expectCallsWork(alice, bob);
});

test('a refused microphone rings nobody', async ({ calling }) => {
  const alice = await calling('Alice', { failing: { name: 'NotAllowedError', devices: ['microphone'] } });
  const bob = await calling('Bob');
  for (const [method, params] of [
    ['call', { userID: bob.userID, type: 1 }],
    ['groupCall', { userIDList: [bob.userID], type: 2 }],
  ] as const) {
    await alice.forget();
    const failure = await alice.fails(method, params);
    expect(failure).toMatchObject({ isError: true, code: 60005, cause: 'NotAllowedError' });
    expect(failure.message.length).toBeGreaterThan(10);
    await alice.expectStatus('idle');
    await expect.poll(() => alice.heard('onError')).toMatchObject([{ code: 60005, msg: failure.message }]);
    await expectAllReleased(alice.page);
  }
  expect(await bob.plot()).toEqual([]);

  // Nor does it answer; but it can decline.
  await bob.ask('call', { userID: alice.userID, type: 1 });
  await alice.expectStatus('calling');
  expect((await alice.fails('accept')).code).toBe(60005);
  expect(await bob.heard('onUserAccept')).toEqual([]);
  await alice.tries('reject');
  await bob.expectStatus('idle');
});

test('a browser without WebRTC says so, and nobody rings', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.page.evaluate(() => Reflect.deleteProperty(window, 'RTCPeerConnection'));
  expect((await alice.fails('call', { userID: bob.userID, type: 1 })).code).toBe(60006);
  expect((await alice.heard('onError')).map(({ code }) => code)).toEqual([60006]);
  expect(await bob.plot()).toEqual([]);
  await alice.expectStatus('idle');
});

test('a missing microphone says so, and the next call works', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.page.evaluate(() => {
    const devices = navigator.mediaDevices;
    const getUserMedia = devices.getUserMedia;
    devices.getUserMedia = () => {
      devices.getUserMedia = getUserMedia;
      return Promise.reject(new DOMException('as the test wishes', 'NotFoundError'));
    };
  });
  expect(await alice.fails('call', { userID: bob.userID, type: 1 })).toMatchObject({ code: 60003, cause: 'NotFoundError' });
  expect(await bob.plot()).toEqual([]);
  await expectCallsWork(alice, bob);
});

test('a missing camera is told of, and the call goes on without it', async ({ calling }) => {
  const alice = await calling('Alice', { failing: { name: 'NotFoundError', devices: ['camera'] } });
  const bob = await calling('Bob');
  expect(await alice.ask('call', { userID: bob.userID, type: 2 })).toMatchObject({ audio: true, video: false });
  await expect.poll(() => alice.heard('onError')).toMatchObject([{ code: 60004, cause: 'NotFoundError' }]);
  await bob.expectStatus('calling');
  await bob.ask('accept');
  await alice.expectStatus('connected');
  await bob.expectHeard('onUserVideoAvailable', { userID: alice.userID, isVideoAvailable: false });
  expect((await alice.fails('openCamera')).code).toBe(60004);
  await alice.ask('hangup');
  await bob.expectStatus('idle');
  await expectCallsWork(alice, bob);
});
