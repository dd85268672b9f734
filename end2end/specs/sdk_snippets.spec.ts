import { readFileSync } from 'node:fs';
import { expectSilence, expectVideo } from '../support/media.ts';
import { expectPlaying } from '../support/person.ts';
import { type Calling, expect, talk, test, userSig } from '../support/sdk.ts';

/** The snippets of the API document by their headings in `support/snippets.md`. */
const document = readFileSync(new URL('../support/snippets.md', import.meta.url), 'utf8');
const snippets = new Map(
  [...document.matchAll(/^## (.+)\n\n```js\n([^]*?)\n```$/gm)].map(([, heading = '', text = '']) => [heading, text]),
);

/** Runs a snippet in somebody's page, as it is printed. */
async function run(calling: Calling, heading: string, variables: Record<string, unknown> = {}): Promise<void> {
  const text = snippets.get(heading);
  if (text === undefined) throw new Error(`there is no snippet "${heading}"`);
  await calling.run(text, variables);
}

/** A handler of a snippet has written these values. */
async function expectLogged(calling: Calling, ...values: unknown[]): Promise<void> {
  await expect.poll(() => calling.logged, { message: `the console of ${calling.userID}` }).toContainEqual(values);
}

test('the snippets of the document are all there', () => {
  expect(snippets.size).toBe(41);
});

test('an instance is made, logs in and logs out', async ({ calling }) => {
  const alice = await calling('Alice', { loggedIn: false });
  await run(alice, 'create', { tim: {} });
  await run(alice, 'SDK_READY');
  const { userID } = alice;
  await run(alice, 'login', { userID, userSig: userSig(userID) });
  await expectLogged(alice, { name: 'ts_im_ready' });
  expect(await alice.ask('getUserID')).toBe(userID);
  await run(alice, 'logout');
  expect((await alice.fails('call', { userID: 'bob', type: 1 })).message).toContain('not login');
});

test('a handler is added, and removed', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await run(bob, 'on');
  await run(bob, 'off');
  await run(bob, 'INVITED');
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  const [invited] = await bob.heard('onInvited');
  if (invited === undefined) throw new Error('a call that rings has told of it');
  const { inviteID, sponsor, userIDList, isFromGroup, inviteData } = invited;
  await expectLogged(bob, `inviteID: ${inviteID}, sponsor: ${sponsor}, inviteData: ${JSON.stringify(inviteData)}`);
  await expectLogged(bob, sponsor, userIDList, isFromGroup, inviteData, inviteID);

  // The handler of the snippet that removes is another function: only whoever has the same one can take it away.
  await alice.ask('hangup');
  await bob.expectStatus('idle');
  await bob.ask('off', 'onInvited');
  bob.logged.length = 0;
  await bob.run("globalThis.rung = () => console.log('rung'); trtcCalling.on('onInvited', rung, this);");
  await bob.run("trtcCalling.off('onInvited', rung, this);");
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await bob.expectStatus('calling');
  expect(bob.logged).not.toContainEqual(['rung']);
});

for (const [heading, expected] of [
  ['call, before 1.0.0', 'noAnswer'],
  ['call', 'cancelled'],
] as const) {
  test(`one person is called: ${heading}`, async ({ calling }) => {
    const [alice, bob] = [await calling('Alice'), await calling('Bob')];
    await run(bob, 'CALLING_TIMEOUT');
    await run(bob, 'CALLING_CANCEL');
    await run(alice, 'NO_RESP');
    await run(alice, 'CALL_END');
    const { userID } = bob;
    await run(alice, heading, { userID, type: 1, timeout: 2 });
    await bob.expectStatus('calling');
    const [invited] = await bob.heard('onInvited');
    if (expected === 'noAnswer') {
      await expectLogged(alice, userID, [userID]);
      await expectLogged(bob, { sponsor: alice.userID, userIDList: [userID] });
    } else {
      await run(alice, 'hangup');
      await expectLogged(bob, { sponsor: alice.userID, inviteID: invited?.inviteID });
    }
    await expectLogged(alice, { userID: alice.userID, callEnd: 0, reason: expected });
  });
}

for (const heading of ['groupCall, before 1.0.0', 'groupCall']) {
  test(`several people are called: ${heading}`, async ({ calling }) => {
    const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
    await run(alice, 'GROUP_CALL_INVITEE_LIST_UPDATE');
    const userIDList = [bob.userID, carol.userID];
    await run(alice, heading, { userIDList, type: 1, groupID: 'team' });
    for (const one of [bob, carol]) {
      await one.expectStatus('calling');
      expect((await one.heard('onInvited'))[0]?.isFromGroup).toBe(true);
    }
    await expect.poll(() => alice.heard('onGroupCallInviteeListUpdate')).not.toEqual([]);
    await expectLogged(alice, (await alice.heard('onGroupCallInviteeListUpdate'))[0]);
  });
}

test('a call is answered from the handler of the invitation', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  for (const heading of ['USER_ENTER', 'USER_LEAVE', 'USER_VIDEO_AVAILABLE', 'USER_AUDIO_AVAILABLE']) {
    await run(alice, heading);
  }
  // A page of those days had these at hand when the handler ran.
  await bob.run("trtcCalling.on('onInvited', ({ inviteData }) => { globalThis.roomID = inviteData.roomID; });");
  await run(bob, 'accept', { callType: 2 });
  await alice.ask('call', { userID: bob.userID, type: 2 });
  await alice.expectStatus('connected');
  await expectVideo(alice.page);
  await expectLogged(alice, bob.userID);
  await expectLogged(alice, bob.userID, true);

  alice.logged.length = 0;
  await run(bob, 'closeCamera');
  await expectLogged(alice, bob.userID, false);
  await run(bob, 'openCamera');
  await expectLogged(alice, bob.userID, true);
  await run(bob, 'setMicMute');
  await expectSilence(alice.page);
  alice.logged.length = 0;
  await run(bob, 'hangup');
  await expectLogged(alice, bob.userID);
  await alice.expectStatus('idle');
});

test('a call is declined from the handler of the invitation', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await run(alice, 'REJECT');
  await run(alice, 'REJECT with an import');
  await run(bob, 'reject', { isBusy: false, callType: 1 });
  await alice.ask('call', { userID: bob.userID, type: 1 });
  await expectLogged(alice, bob.userID);
  await alice.expectStatus('idle');
  await bob.expectStatus('idle');
});

test('somebody is busy', async ({ calling }) => {
  const [alice, bob, carol] = [await calling('Alice'), await calling('Bob'), await calling('Carol')];
  await run(carol, 'LINE_BUSY');
  await talk(alice, bob, 1);
  await carol.tries('call', { userID: bob.userID, type: 1 });
  await expectLogged(carol, bob.userID);
});

test('views are started and stopped', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  for (const [side, userID] of [['Remote', bob.userID], ['Local', alice.userID]] as const) {
    const videoViewDomID = side.toLowerCase();
    const video = alice.page.locator(`#${videoViewDomID} video`);
    await run(alice, `start${side}View`, { userID, videoViewDomID });
    await expectPlaying(video);
    await run(alice, `stop${side}View`, { userID, videoViewDomID });
    await expect(video).toHaveCount(0);
  }
});

test('devices are listed and switched, and a quality is chosen', async ({ calling }) => {
  const alice = await calling('Alice');
  await run(alice, 'getCameras');
  await run(alice, 'getMicrophones');
  const [camera] = (await alice.ask('getCameras')) as { deviceId: string }[];
  await run(alice, 'switchDevice', { deviceType: 'video', deviceID: camera?.deviceId });
  await run(alice, 'setVideoQuality');
  await expect.poll(() => alice.ask('getVideoQuality')).toBe('720p');
});

test('the type of a call is switched', async ({ calling }) => {
  const [alice, bob] = [await calling('Alice'), await calling('Bob')];
  await talk(alice, bob, 2);
  await run(alice, 'switchToAudioCall');
  await bob.expectHeard('onCallTypeChanged', { callType: 1, userID: alice.userID });
  await run(alice, 'switchToVideoCall');
  await bob.expectHeard('onCallTypeChanged', { callType: 2, userID: alice.userID });
});

test('errors and being kicked out are told of', async ({ calling }) => {
  const alice = await calling('Alice', { failing: { name: 'NotAllowedError', devices: ['microphone'] } });
  const bob = await calling('Bob');
  await run(alice, 'ERROR');
  await run(alice, 'KICKED_OUT');
  alice.logged.length = 0;
  await alice.fails('call', { userID: bob.userID, type: 1 });
  await expect.poll(() => alice.logged.length).toBeGreaterThan(0);
  expect((await alice.heard('onError')).map(({ code }) => code)).toEqual([60005]);
  await calling('Alice', { as: alice });
  await expectLogged(alice, {});
});
