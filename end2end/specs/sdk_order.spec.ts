import { expectAllReleased, expectAudio, expectVideo, touched } from '../support/media.ts';
import { type Calling, expect, talk, test } from '../support/sdk.ts';

/** The end of a call, as this person is told of it. */
function ended(calling: Calling, reason: string, callEnd: unknown = 0): [string, unknown] {
  return ['onCallEnd', { userID: calling.userID, callEnd, reason }];
}

test('a call is answered, talked in, and hung up', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.expectHeard('sdkReady', { name: 'ts_im_ready' });

  const placed = await alice.ask('call', { userID: bob.userID, type: 2 });
  expect(placed).toEqual({
    audio: true,
    video: true,
    userId: alice.userID,
    inviteID: expect.any(String),
    code: 0,
    data: { message: expect.anything() },
    roomID: expect.any(Number),
    userID: bob.userID,
  });
  const { inviteID, roomID } = placed as { inviteID: string; roomID: number };
  const invited = {
    sponsor: alice.userID,
    userIDList: [bob.userID],
    isFromGroup: false,
    inviteData: { version: 4, callType: 2, callEnd: 0, roomID },
    inviteID,
  };
  await bob.expectPlot([['onInvited', invited]]);
  expect((await touched(bob.page)).captures, 'nothing is captured before the answer').toBe(0);

  expect(await bob.ask('accept')).toEqual({
    audio: true,
    video: true,
    userId: bob.userID,
    roomID,
    callType: 2,
    inviteID,
    code: 0,
    data: expect.anything(),
  });
  await alice.expectPlot([
    ['onUserAccept', { userID: bob.userID }],
    ['onUserEnter', { userID: bob.userID }],
  ]);
  await bob.expectPlot([
    ['onInvited', invited],
    ['onUserEnter', { userID: alice.userID }],
  ]);
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await one.expectHeard('onUserVideoAvailable', { userID: other.userID, isVideoAvailable: true });
    await one.expectHeard('onUserAudioAvailable', { userID: other.userID, isAudioAvailable: true });
    await expectAudio(one.page);
    await expectVideo(one.page);
  }

  expect(await bob.ask('hangup')).toEqual({ code: 0, msg: 'ok' });
  await bob.expectPlot([
    ['onInvited', invited],
    ['onUserEnter', { userID: alice.userID }],
    ended(bob, 'hungUp', expect.any(Number)),
  ]);
  await alice.expectPlot([
    ['onUserAccept', { userID: bob.userID }],
    ['onUserEnter', { userID: bob.userID }],
    ['onUserLeave', { userID: bob.userID }],
    ended(alice, 'othersLeft', expect.any(Number)),
  ]);
  const [toldAlice, toldBob] = [await alice.heard('onCallEnd'), await bob.heard('onCallEnd')];
  // Whoever hangs up counts to that moment, and the other one to when it is heard of.
  expect(Math.abs((toldAlice[0]?.callEnd ?? 0) - (toldBob[0]?.callEnd ?? 0))).toBeLessThanOrEqual(1);
  for (const one of [alice, bob]) await expectAllReleased(one.page);
});

test('the duration of a call counts from its own beginning', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 1);
  // Told once a second.
  await expect.poll(async () => (await alice.heard('onUserVoiceVolume')).length).toBeGreaterThan(3);
  await alice.ask('hangup');
  await bob.expectStatus('idle');
  expect((await alice.heard('onCallEnd'))[0]?.callEnd).toBeGreaterThanOrEqual(2);

  for (const one of [alice, bob]) await one.forget();
  await talk(bob, alice, 1);
  await bob.ask('hangup');
  await alice.expectStatus('idle');
  expect((await alice.heard('onCallEnd'))[0]?.callEnd).toBeLessThan(2);
});

test('a call is declined', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  const [invited] = await bob.heard('onInvited');
  expect(await bob.ask('reject')).toEqual({ inviteID: invited?.inviteID, code: 0, data: expect.anything() });
  await alice.expectPlot([['onReject', { userID: bob.userID }], ended(alice, 'rejected')]);
  await bob.expectPlot([['onInvited', invited], ended(bob, 'rejected')]);
  await expectAllReleased(alice.page);
  expect((await touched(bob.page)).captures).toBe(0);
});

test('hanging up declines a call that rings', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  await bob.ask('hangup');
  await alice.expectPlot([['onReject', { userID: bob.userID }], ended(alice, 'rejected')]);
});

test('a call is taken back', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  expect(await alice.ask('hangup')).toEqual({ code: 0, msg: 'ok' });
  await alice.expectPlot([ended(alice, 'cancelled')]);
  const [invited] = await bob.heard('onInvited');
  const cancelled = { sponsor: alice.userID, inviteID: invited?.inviteID };
  await bob.expectPlot([['onInvited', invited], ['onCallingCancel', cancelled]]);
  await bob.expectStatus('idle');
});

test('nobody answers, whether somebody is there or not', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  await carol.ask('logout');
  for (const callee of [bob, carol]) {
    await alice.forget();
    await alice.ask('call', { userID: callee.userID, type: 1, timeout: 2 });
    const gone = { sponsor: alice.userID, userIDList: [callee.userID], userID: callee.userID };
    await alice.expectPlot([['onNoResp', gone], ended(alice, 'noAnswer')]);
    await alice.expectStatus('idle');
  }
  const [invited] = await bob.heard('onInvited');
  const missed = { sponsor: alice.userID, userIDList: [bob.userID] };
  await bob.expectPlot([['onInvited', invited], ['onCallingTimeout', missed], ended(bob, 'noAnswer')]);
  await expectAllReleased(alice.page);
});

test('somebody in a call is busy, and learns nothing of it', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  const busy = { sponsor: carol.userID, userID: bob.userID };

  // While it rings,
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  await carol.tries('call', { userID: bob.userID, type: 1 });
  await carol.expectPlot([['onLineBusy', busy], ended(carol, 'busy')]);

  // and in the call.
  await bob.ask('accept');
  await alice.expectStatus('connected');
  const plots = [await alice.plot(), await bob.plot()] as const;
  await carol.forget();
  await carol.tries('call', { userID: bob.userID, type: 2 });
  await carol.expectPlot([['onLineBusy', busy], ended(carol, 'busy')]);
  await expectAudio(alice.page);
  await alice.expectPlot(plots[0]);
  await bob.expectPlot(plots[1]);
  await expectAllReleased(carol.page);
});

test('two who call each other at once are in one call', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await Promise.all([
    alice.tries('call', { userID: bob.userID, type: 1 }),
    bob.tries('call', { userID: alice.userID, type: 1 }),
  ]);
  // They may still have come one after the other: then one of the two rings, and answers.
  for (const one of [alice, bob]) {
    if ((await one.heard('onInvited')).length > 0) await one.tries('accept');
  }
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    await one.expectStatus('connected');
    await expectAudio(one.page);
    expect(await one.heard('onUserEnter')).toEqual([{ userID: other.userID }]);
    expect(await one.heard('onLineBusy')).toEqual([]);
    expect(await one.heard('onCallEnd')).toEqual([]);
  }
  await alice.ask('hangup');
  await bob.expectStatus('idle');
});

test('a second login of the same user kicks the first one out of its call', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  await expectVideo(bob.page);
  for (const one of [alice, bob]) await one.forget();

  const elsewhere = await calling('Alice', { as: alice });
  await alice.expectPlot([['onKickedOut', {}], ended(alice, 'connectionLost', expect.any(Number))]);
  await bob.expectPlot([['onUserLeave', { userID: alice.userID }], ended(bob, 'othersLeft', expect.any(Number))]);
  for (const one of [alice, bob]) await expectAllReleased(one.page);

  await bob.ask('call', { userID: alice.userID, type: 1 });
  await elsewhere.expectStatus('calling');
  await elsewhere.ask('accept');
  await bob.expectStatus('connected');
  expect(await alice.heard('onInvited'), 'whoever is kicked out does not ring').toEqual([]);
  await alice.expectStatus('idle');
});

test('cancelling and accepting at once has one outcome', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  for (let round = 0; round < 3; round += 1) {
    await alice.ask('call', { userID: bob.userID, type: 1 });
    await bob.expectStatus('calling');
    for (const one of [alice, bob]) await one.forget();
    await Promise.all([alice.tries('hangup'), bob.tries('accept')]);
    for (const one of [alice, bob]) await one.expectStatus('idle');
    const names = (await bob.plot()).map(([name]) => name);
    expect([['onCallingCancel'], ['onUserEnter', 'onUserLeave', 'onCallEnd'], ['onCallEnd']]).toContainEqual(names);
    expect(await alice.heard('onCallEnd')).toHaveLength(1);
    for (const one of [alice, bob]) await expectAllReleased(one.page);
  }
});

test('declining and cancelling at once has one outcome', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  for (let round = 0; round < 3; round += 1) {
    await alice.ask('call', { userID: bob.userID, type: 1 });
    await bob.expectStatus('calling');
    for (const one of [alice, bob]) await one.forget();
    await Promise.all([alice.tries('hangup'), bob.tries('reject')]);
    for (const one of [alice, bob]) await one.expectStatus('idle');
    expect([
      [ended(alice, 'cancelled')],
      [['onReject', { userID: bob.userID }], ended(alice, 'rejected')],
    ]).toContainEqual(await alice.plot());
    expect([['onCallingCancel'], ['onCallEnd']]).toContainEqual((await bob.plot()).map(([name]) => name));
  }
});

test('an answer in the last moment has one outcome', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await bob.page.evaluate(() => {
    const answer = () => setTimeout(() => window.trtcCalling.accept().catch(() => undefined), 985);
    window.trtcCalling.on('onInvited', answer);
  });
  for (let round = 0; round < 3; round += 1) {
    for (const one of [alice, bob]) await one.forget();
    await alice.ask('call', { userID: bob.userID, type: 1, timeout: 1 });
    await expect
      .poll(async () => {
        const names = [...(await alice.plot()), ...(await bob.plot())].map(([name]) => name);
        return names.filter((name) => name === 'onUserEnter' || name === 'onCallEnd').length;
      })
      .toBe(2);
    const [atAlice, atBob] = [await alice.heard('onUserEnter'), await bob.heard('onUserEnter')];
    expect(atAlice.length, 'both are in the call, or nobody').toBe(atBob.length);
    if (atAlice.length > 0) await expectAudio(alice.page);
    else expect(await alice.heard('onNoResp')).toHaveLength(1);
    await alice.tries('hangup');
    for (const one of [alice, bob]) await one.expectStatus('idle');
  }
});
