import { expectAllReleased, expectAudio, expectMediaFromEach } from '../support/media.ts';
import { type Calling, expect, test } from '../support/sdk.ts';

/** Calls all of these people, who accept one after the other. */
async function talkAll(caller: Calling, callees: readonly Calling[], type: 1 | 2): Promise<void> {
  await caller.ask('groupCall', { userIDList: callees.map(({ userID }) => userID), type });
  for (const callee of callees) {
    await callee.expectStatus('calling');
    await callee.ask('accept');
    await callee.expectStatus('connected');
  }
}

test('each of several people answers for themselves, and the call goes on with the rest', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  const [kitchen, library, workshop] = [await calling('Kitchen'), await calling('Library'), await calling('Workshop')];
  await library.ask('logout');
  await workshop.ask('call', { userID: kitchen.userID, type: 1 });
  await kitchen.expectStatus('calling');
  await kitchen.forget();

  const userIDList = [bob, carol, kitchen, library].map(({ userID }) => userID);
  const placed = await alice.ask('groupCall', { userIDList, type: 1, timeout: 5 });
  expect(placed).toEqual({
    audio: true,
    video: false,
    userId: alice.userID,
    inviteID: expect.any(String),
    code: 0,
    data: { message: expect.anything() },
    roomID: expect.any(Number),
    groupID: expect.any(String),
  });
  await alice.expectHeard('onLineBusy', { sponsor: alice.userID, userID: kitchen.userID });

  await expect.poll(() => bob.heard('onInvited')).toHaveLength(1);
  const [invited] = await bob.heard('onInvited');
  expect(invited).toMatchObject({ sponsor: alice.userID, isFromGroup: false });
  const coming = userIDList.filter((userID) => userID !== kitchen.userID);
  expect([...(invited?.userIDList ?? [])].sort(), 'whoever is busy does not come').toEqual(coming.sort());
  await bob.ask('accept');
  await carol.ask('reject');
  await alice.expectHeard('onUserAccept', { userID: bob.userID });
  await alice.expectHeard('onReject', { userID: carol.userID });
  const gone = { sponsor: alice.userID, userIDList: [library.userID], userID: library.userID };
  await alice.expectHeard('onNoResp', gone);

  await expect
    .poll(async () => (await alice.heard('onGroupCallInviteeListUpdate')).at(-1))
    .toEqual({ userIDList: [bob.userID] });
  const names = (await alice.plot()).map(([name]) => name).filter((name) => name !== 'onGroupCallInviteeListUpdate');
  expect(names.indexOf('onUserEnter'), 'right after its accept').toBe(names.indexOf('onUserAccept') + 1);
  expect([...names].sort()).toEqual(['onLineBusy', 'onNoResp', 'onReject', 'onUserAccept', 'onUserEnter']);
  expect(await bob.heard('onReject'), 'of no matter to whoever has not invited').toEqual([]);
  expect(await kitchen.plot(), 'whoever is busy sees nothing').toEqual([]);
  await expectAudio(alice.page);
  await expectAudio(bob.page);

  // Nobody rings any more, so whoever is left is not left alone.
  await alice.ask('hangup');
  await expect.poll(() => bob.heard('onUserLeave')).toEqual([{ userID: alice.userID }]);
  await expect.poll(() => bob.heard('onCallEnd')).toEqual([
    { userID: bob.userID, callEnd: expect.any(Number), reason: 'othersLeft' },
  ]);
  for (const one of [alice, bob]) await expectAllReleased(one.page);
});

test('whoever has placed a group call may leave it, and whoever is in it may invite', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  const kitchen = await calling('Kitchen');
  await talkAll(alice, [bob, carol], 1);
  for (const one of [alice, bob, carol]) {
    expect(await one.ask('isGroupCall')).toBe(true);
    await expect.poll(() => one.heard('onUserEnter')).toHaveLength(2);
  }
  expect([await alice.ask('isInviter'), await bob.ask('isInviter')]).toEqual([true, false]);

  await alice.ask('hangup');
  for (const one of [bob, carol]) await one.expectHeard('onUserLeave', { userID: alice.userID });
  expect(await bob.heard('onCallEnd')).toEqual([]);

  await bob.ask('groupCall', { userIDList: [kitchen.userID], type: 1 });
  await kitchen.expectStatus('calling');
  expect((await kitchen.heard('onInvited'))[0]).toMatchObject({ sponsor: bob.userID });
  await kitchen.ask('accept');
  await bob.expectHeard('onUserAccept', { userID: kitchen.userID });
  for (const one of [bob, carol]) await one.expectHeard('onUserEnter', { userID: kitchen.userID });

  for (const one of [kitchen, carol]) await one.ask('hangup');
  await bob.expectStatus('idle');
  expect((await bob.heard('onCallEnd')).map(({ reason }) => reason)).toEqual(['othersLeft']);
});

test('three people see and hear each other', async ({ calling }) => {
  const people = [await calling('Alice'), await calling('Bob'), await calling('Carol')] as const;
  await talkAll(people[0], people.slice(1), 2);
  for (const one of people) await expectMediaFromEach(one.page, 2);
  expect(await people[0].ask('getRemoteStreamCount')).toBe(2);
});

test('a group call that is taken back stops ringing everywhere', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  await alice.ask('groupCall', { userIDList: [bob.userID, carol.userID], type: 2, groupID: 'team' });
  for (const one of [bob, carol]) {
    await one.expectStatus('calling');
    expect((await one.heard('onInvited'))[0]).toMatchObject({ isFromGroup: true });
  }
  expect(await alice.ask('getGroupID')).toBe('team');
  expect(await alice.ask('getUnHandledInviteeList')).toHaveLength(2);
  await alice.ask('hangup');
  for (const one of [bob, carol]) {
    await expect.poll(() => one.heard('onCallingCancel')).toHaveLength(1);
    await one.expectStatus('idle');
  }
  await expect.poll(async () => (await alice.heard('onCallEnd')).map(({ reason }) => reason)).toEqual(['cancelled']);
});
