import type { Page } from '@playwright/test';
import { Ear } from '../support/ear.ts';
import { openDevices, touched } from '../support/media.ts';
import { Stranger } from '../support/stranger.ts';
import { expect, test } from '../support/test.ts';

/** An id of the right form, of nothing that there is. */
const NOWHERE = '00000000000000ff';

/** All that somebody may say to whom it rings at, or to whom it does not, so that a phone would take it for an answer. */
function nonsense(call: string, to: string, entry: number, candidate: string): object[] {
  const signal = (signal: object): object => ({ signal: { call, to, entry, signal } });
  const media = { microphone: true, camera: true };
  return [
    signal({ description: { kind: 'answer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n' } }),
    signal({ candidate: { candidate, mid: '0', mLineIndex: 0 } }),
    { accept: { invite: NOWHERE, media, signals: [] } },
    { accept: { invite: call, media, signals: [] } },
    { confirmRinging: { invite: NOWHERE } },
    { join: { call, media } },
    { announce: { call, media } },
    { vouch: { call, user: to } },
    { switchToVideo: { call } },
    { answerVideo: { call, agree: true } },
    { switchToAudio: { call } },
  ];
}

/** As another device of hers would take her place in the call, which she has herself. */
const takeOver = (call: string): object => ({ rejoin: { call, media: { microphone: true, camera: true } } });

/** What a page has let out over its connections, and from where it could be reached. */
function letOut(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    const sum = { described: 0, addresses: 0, packets: 0 };
    for (const connection of window.observed.connections) {
      if (connection.localDescription) sum.described += 1;
      for (const report of (await connection.getStats()).values()) {
        if (report.type === 'local-candidate' || report.type === 'remote-candidate') sum.addresses += 1;
        if (report.type === 'outbound-rtp' || report.type === 'transport') sum.packets += report.packetsSent ?? 0;
      }
    }
    return sum;
  });
}

/** The texts that a page is sent and sends: frames are binary, and texts in them are as they are. */
function overhear(page: Page): { received: string[]; sent: string[] } {
  const heard = { received: [] as string[], sent: [] as string[] };
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => heard.received.push(payload.toString()));
    socket.on('framesent', ({ payload }) => heard.sent.push(payload.toString()));
  });
  return heard;
}

for (const [what, disguise] of [
  ['addresses behind the offer', (sdp: string) => sdp],
  ['addresses in the offer', (sdp: string, candidate: string) => sdp.replace(/(a=mid:0\r\n)/, `$1a=${candidate}\r\n`)],
] as const) {
  test(`whatever a caller says while it rings, nothing of the callee is opened or let out: ${what}`, async ({ person }) => {
    const [carol, bob] = [await person('Carol'), await person('Bob')];
    const [ear, yardstick] = [await Ear.open(), await Ear.open()];
    const heard = overhear(bob.page);
    await bob.page.reload();
    await carol.sees(bob, 'Online');
    const stranger = await Stranger.on(carol.page);
    const to = bob.account.id;

    // Without a call; and while it rings, before and after an offer that is one.
    for (const command of [...nonsense(NOWHERE, to, 2, ear.candidate), takeOver(NOWHERE)]) await stranger.say(command);
    const { call, entry } = await stranger.call(to, 'video');
    await expect(bob.invitationBy(carol).dialog).toBeVisible();
    const offer = disguise(await stranger.offer(), ear.candidate);
    const signal = (signal: object) => stranger.say({ signal: { call, to, entry, signal } });
    const last = ear.candidate.replace('candidate:1', 'candidate:last');
    for (const command of nonsense(call, to, entry, ear.candidate)) await stranger.say(command);
    await signal({ description: { kind: 'offer', sdp: offer } });
    for (const candidate of [ear.candidate, last]) await signal({ candidate: { candidate, mid: '0', mLineIndex: 0 } });
    for (const command of nonsense(call, to, entry, ear.candidate)) await stranger.say(command);
    await expect
      .poll(() => heard.received.some((text) => text.includes(last)), { message: 'all of it has come to Bob' })
      .toBe(true);
    // By now a page that is not careful would have knocked.
    await stranger.knock(yardstick.candidate);
    await expect.poll(() => yardstick.packets).toBeGreaterThan(2);

    await expect(bob.invitationBy(carol).dialog).toBeVisible();
    expect(await touched(bob.page)).toMatchObject({ captures: 0, reaching: 0, liveTracks: 0 });
    expect(await letOut(bob.page)).toEqual({ described: 0, addresses: 0, packets: 0 });
    expect(heard.sent.filter((text) => text.includes('candidate:') || text.includes('a=ice-ufrag'))).toEqual([]);
    expect(ear.packets, 'packets at the caller’s address').toBe(0);

    // And all of that would have been seen: once Bob has answered, it is.
    await bob.invitationBy(carol).answerWithSound.click();
    await expect.poll(() => ear.packets, 'packets at the caller’s address').toBeGreaterThan(0);
    await expect.poll(() => openDevices(bob.page)).toEqual(['audio']);
    for (const one of [ear, yardstick]) one.close();
  });
}

test('whatever the other side says in a voice call, a camera opens by its person’s own click', async ({ person }) => {
  const [carol, bob] = [await person('Carol'), await person('Bob')];
  await carol.sees(bob, 'Online');
  const stranger = await Stranger.on(carol.page);
  const to = bob.account.id;
  const { call, entry } = await stranger.call(to, 'audio');
  await bob.invitationBy(carol).answer.click();
  await stranger.hears('userEntered');
  const screen = bob.callWith(carol);
  await screen.expectDevices({ microphone: true, camera: false });

  const offer = await stranger.offer();
  const ask = bob.page.getByRole('button', { name: 'Turn camera on' });
  for (const command of nonsense(call, to, entry, 'candidate:1 1 udp 1 127.0.0.1 9 typ host')) {
    await stranger.say(command);
    await stranger.say({ signal: { call, to, entry, signal: { description: { kind: 'offer', sdp: offer } } } });
  }
  await stranger.say(takeOver(call));
  // The last word was “back to voice”. Ask again: that comes after all the rest.
  await stranger.say({ switchToVideo: { call } });
  await expect(ask).toBeVisible();
  await stranger.forget();
  await stranger.say({ answerVideo: { call, agree: true } });
  await stranger.hears('refused');
  await screen.expectDevices({ microphone: true, camera: false });
  expect(await bob.page.evaluate(() => window.observed.tracks.map(({ kind }) => kind))).toEqual(['audio']);

  await ask.click();
  await screen.expectDevices({ microphone: true, camera: true });
  await expect.poll(() => openDevices(bob.page)).toEqual(['audio', 'video']);
});
