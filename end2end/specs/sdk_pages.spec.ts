import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { expectAudio } from '../support/media.ts';
import { expectPlaying } from '../support/person.ts';
import { APP, Calling, expect, newUserID, talk, test, userSig } from '../support/sdk.ts';

/** What the README says a page with a strict policy needs, and nothing else. */
function policy(server: string): string {
  const sockets = server.replace('http', 'ws');
  return `default-src 'none'; script-src ${server} 'wasm-unsafe-eval'; connect-src ${server} ${sockets}; img-src data:`;
}

/** A page that loads the class as a classic script. */
function classicPage(server: string): string {
  return `<!doctype html>
<html lang="en">
  <title>A shop</title>
  <link rel="icon" href="data:,">
  <script src="${server}/sdk/trtc-calling.umd.js"></script>
  <div id="remote"></div>
</html>`;
}

test('a page of a listed origin, with a strict policy and a classic script, calls', async ({ calling, browserOf, server, shop }) => {
  const bob = await calling('Bob');
  shop.show(classicPage(server.url), policy(server.url));
  const alice = new Calling(newUserID('Alice'), await (await browserOf()).newPage());
  await alice.page.goto(shop.origin);
  await alice.make();
  await alice.login();
  await talk(alice, bob, 2);
  for (const one of [alice, bob]) await expectAudio(one.page);
  await alice.ask('startRemoteView', { userID: bob.userID, videoViewDomID: 'remote' });
  await expectPlaying(alice.page.locator('#remote video'));
});

test('a page of an origin that is not listed is told so', async ({ browserOf, server, shop }) => {
  shop.show(classicPage(server.url), policy(server.url));
  const alice = new Calling(newUserID('Alice'), await (await browserOf()).newPage());
  await alice.page.goto(shop.foreignOrigin);
  await alice.make();
  const { message } = await alice.fails('login', { userID: alice.userID, userSig: userSig(alice.userID) });
  expect(message).toContain(`TRTCCalling.login - userId: ${alice.userID} login failed, error: `);
  expect(message).toContain('YODEL_ORIGINS');
});

test('the class talks to the server that its option names', async ({ calling, browserOf, server, shop }) => {
  // The script comes from somewhere else, as it does out of a bundle.
  const files = createServer(async (request, response) => {
    const file = await fetch(`${server.url}${request.url}`);
    response.setHeader('content-type', file.headers.get('content-type') ?? '');
    response.setHeader('access-control-allow-origin', '*');
    response.end(Buffer.from(await file.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  const address = files.address();
  const elsewhere = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  const bob = await calling('Bob');
  shop.show(classicPage(elsewhere), '');
  const alice = new Calling(newUserID('Alice'), await (await browserOf()).newPage());
  await alice.page.goto(shop.origin);
  await alice.make({ SDKAppID: APP, server: server.url });
  await alice.login();
  await talk(alice, bob, 1);
  files.closeAllConnections();
  files.close();
});

test('the files of the package are for pages of any origin', async ({ request }) => {
  for (const [file, type] of [
    ['trtc-calling.js', 'javascript'],
    ['trtc-calling.umd.js', 'javascript'],
    ['trtc-calling.wasm', 'application/wasm'],
    ['trtc-calling.d.ts', 'text/'],
    ['package.json', 'application/json'],
    ['README.md', 'text/'],
  ] as const) {
    const response = await request.get(`/sdk/${file}`);
    expect(response.status(), file).toBe(200);
    const headers = response.headers();
    expect(headers['content-type'], file).toContain(type);
    expect(headers['access-control-allow-origin'], file).toBe('*');
    expect(headers['cross-origin-resource-policy'], file).toBe('cross-origin');
  }
});

test('the constants of the class are those of its types', async ({ calling }) => {
  const alice = await calling('Alice', { loggedIn: false });
  expect(await alice.page.evaluate(() => ({ ...window.TRTCCalling.CALL_TYPE }))).toEqual({
    UNKNOWN: 0,
    AUDIO_CALL: 1,
    VIDEO_CALL: 2,
  });
  expect(await alice.page.evaluate(() => ({ ...window.TRTCCalling.EVENT }))).toEqual({
    ERROR: 'onError',
    SDK_READY: 'sdkReady',
    INVITED: 'onInvited',
    USER_ACCEPT: 'onUserAccept',
    USER_ENTER: 'onUserEnter',
    USER_LEAVE: 'onUserLeave',
    REJECT: 'onReject',
    NO_RESP: 'onNoResp',
    LINE_BUSY: 'onLineBusy',
    CALLING_CANCEL: 'onCallingCancel',
    CALLING_TIMEOUT: 'onCallingTimeout',
    CALL_END: 'onCallEnd',
    CALLING_END: 'onCallEnd',
    KICKED_OUT: 'onKickedOut',
    USER_VIDEO_AVAILABLE: 'onUserVideoAvailable',
    USER_AUDIO_AVAILABLE: 'onUserAudioAvailable',
    USER_VOICE_VOLUME: 'onUserVoiceVolume',
    GROUP_CALL_INVITEE_LIST_UPDATE: 'onGroupCallInviteeListUpdate',
    CALL_TYPE_CHANGED: 'onCallTypeChanged',
    RECONNECTING: 'onReconnecting',
    RECONNECTED: 'onReconnected',
  });
});

test('before a call, an instance has the answers of nobody’s', async ({ calling }) => {
  const alice = await calling('Alice');
  const answers = {
    getUserID: alice.userID,
    getCallType: 0,
    isInviter: false,
    getInviteeList: [],
    getUnHandledInviteeList: [],
    isGroupCall: false,
    getGroupID: '',
    getCallStatus: 'idle',
    getRemoteStreamCount: 0,
    hasRemoteConnectedUsers: false,
    getVideoQuality: '480p',
    getSwitchCallModeStatus: false,
  } as const;
  for (const [method, answer] of Object.entries(answers)) {
    expect(await alice.ask(method as keyof typeof answers), method).toEqual(answer);
  }
});

test('what a page loads is small', async ({ server }) => {
  for (const script of ['trtc-calling.js', 'trtc-calling.umd.js']) {
    let bytes = 0;
    for (const file of [script, 'trtc-calling.wasm']) {
      bytes += await transferred(`${server.url}/sdk/${file}`);
    }
    expect(bytes, `bytes of ${script} and its WebAssembly, compressed`).toBeLessThanOrEqual(90_000);
  }
});

/** How many bytes a browser loads for this. */
async function transferred(url: string): Promise<number> {
  const [answer] = await once(get(url, { headers: { 'accept-encoding': 'br' } }), 'response');
  let bytes = 0;
  for await (const chunk of answer) bytes += chunk.length;
  return bytes;
}
