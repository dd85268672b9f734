import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** How often it is looked whether media has arrived, in milliseconds: a call costs a machine more than a look. */
export const OFTEN = [100];

/** What a page did with devices and peer connections, kept by {@link observeMedia} in the page. */
interface Observed {
  connections: RTCPeerConnection[];
  /** How often `getUserMedia` was asked, for `prompts` on the person's screen. */
  captures: number;
  tracks: MediaStreamTrack[];
}

declare global {
  interface Window {
    observed: Observed;
    /** Those that {@link holdPrompts} keeps open. */
    prompts: (() => void)[];
  }
}

/** Lets {@link received} and its neighbors see the peer connections and captures of every page of this context. */
export async function observeMedia(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const observed: Observed = { connections: [], captures: 0, tracks: [] };
    window.observed = observed;
    window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
      construct(target, args, newTarget) {
        const connection = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
        observed.connections.push(connection);
        return connection;
      },
    });
    // The blank page that a tab starts with has no devices.
    const devices: MediaDevices | undefined = navigator.mediaDevices;
    if (!devices) return;
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      observed.captures += 1;
      const stream = await getUserMedia(constraints);
      observed.tracks.push(...stream.getTracks());
      return stream;
    };
  });
}

/** A kind of device. */
export type Device = 'microphone' | 'camera';

/** Lets `getUserMedia` fail for these devices, with the name of this DOMException. */
export async function failCapture(context: BrowserContext, name: string, failing: readonly Device[]): Promise<void> {
  await context.addInitScript(
    ({ name, audio, video }) => {
      const devices: MediaDevices | undefined = navigator.mediaDevices;
      if (!devices) return;
      const getUserMedia = devices.getUserMedia.bind(devices);
      devices.getUserMedia = (constraints) => {
        const refused = (audio && constraints?.audio) || (video && constraints?.video);
        return refused ? Promise.reject(new DOMException('as the test wishes', name)) : getUserMedia(constraints);
      };
    },
    { name, audio: failing.includes('microphone'), video: failing.includes('camera') },
  );
}

/** Keeps every prompt of a page open until {@link answerPrompt}. */
export async function holdPrompts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.prompts = [];
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      await new Promise<void>((answer) => window.prompts.push(answer));
      return getUserMedia(constraints);
    };
  });
}

/** Allows what the oldest prompt asks for. */
export async function answerPrompt(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.prompts.length)).toBeGreaterThan(0);
  await page.evaluate(() => window.prompts.shift()?.());
}

/** The kinds of the devices that are open. */
export async function openDevices(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    window.observed.tracks.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind),
  );
}

/** Gives a page two cameras, called Red and Blue, that see nothing but their color. */
export async function paintCameras(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const devices: MediaDevices | undefined = navigator.mediaDevices;
    if (!devices) return;
    const colors = ['Red', 'Blue'];
    const getUserMedia = devices.getUserMedia.bind(devices);
    const enumerateDevices = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => {
      const others = (await enumerateDevices()).filter((device) => device.kind !== 'videoinput');
      const painted = colors.map((color) => ({ kind: 'videoinput', deviceId: color, label: color, groupId: '' }));
      return [...others, ...painted] as MediaDeviceInfo[];
    };
    devices.getUserMedia = async (constraints = {}) => {
      const { audio, video } = constraints;
      const stream = audio ? await getUserMedia({ audio }) : new MediaStream();
      if (!video) return stream;
      const wanted = typeof video === 'object' ? (video.deviceId as ConstrainDOMStringParameters | undefined) : undefined;
      const color = typeof wanted?.exact === 'string' ? wanted.exact : 'Red';
      if (!colors.includes(color)) throw new OverconstrainedError('deviceId');
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
      const brush = canvas.getContext('2d')!;
      const track = canvas.captureStream(20).getVideoTracks()[0]!;
      const painting = setInterval(() => {
        brush.fillStyle = color;
        brush.fillRect(0, 0, canvas.width, canvas.height);
        if (track.readyState === 'ended') clearInterval(painting);
      }, 40);
      track.getSettings = () => ({ deviceId: color, width: canvas.width, height: canvas.height });
      window.observed.tracks.push(track);
      stream.addTrack(track);
      return stream;
    };
  });
}

/** The color in the middle of a picture: what `paintCameras` has painted at the other side. */
export async function colorOf(video: Locator): Promise<'Red' | 'Blue' | 'neither'> {
  return video.evaluate((element: HTMLVideoElement) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const brush = canvas.getContext('2d')!;
    brush.drawImage(element, 0, 0, 1, 1);
    const [red = 0, , blue = 0] = brush.getImageData(0, 0, 1, 1).data;
    if (red > 150 && blue < 100) return 'Red';
    return blue > 150 && red < 100 ? 'Blue' : 'neither';
  });
}

/** What firewalls let out: TCP, or nothing but TLS. */
export type LetOut = 'tcp' | 'tls';

/** Lets peer connections use TURN over TCP, or over TLS, and nothing else, as a firewall does that blocks UDP. */
export async function blockUdp(context: BrowserContext, letOut: LetOut): Promise<void> {
  await context.addInitScript((scheme) => {
    const byTcp = (configuration: RTCConfiguration): RTCConfiguration => {
      const servers = configuration.iceServers ?? [];
      const iceServers = servers.map(({ urls, ...login }) => ({
        ...login,
        urls: [urls].flat().filter((url) => url.startsWith(scheme) && url.endsWith('?transport=tcp')),
      }));
      return { ...configuration, iceServers, iceTransportPolicy: 'relay' };
    };
    window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
      construct: (target, [configuration], newTarget) => Reflect.construct(target, [byTcp(configuration)], newTarget),
    });
    const prototype = window.RTCPeerConnection.prototype;
    const { setConfiguration } = prototype;
    prototype.setConfiguration = function (configuration = {}) {
      setConfiguration.call(this, byTcp(configuration));
    };
  }, letOut === 'tls' ? 'turns:' : 'turn:');
}

/** How a page is reached by the one peer connection that it has: W3C `candidateType`, and the way to the relay. */
export async function selectedPath(page: Page): Promise<{ type: string; by: string } | undefined> {
  return page.evaluate(async () => {
    const connection = window.observed.connections.find(({ connectionState }) => connectionState === 'connected');
    const reports = new Map((await connection?.getStats()) ?? []);
    const transport = [...reports.values()].find(({ type }) => type === 'transport');
    const candidate = reports.get(reports.get(transport?.selectedCandidatePairId)?.localCandidateId);
    return candidate && { type: candidate.candidateType, by: candidate.relayProtocol };
  });
}

/**
 * Media comes and goes through a relay: one that is reached by TCP where nothing else gets through. Where UDP does too, a browser
 * tries both at once, and may stay with the one that has answered first.
 */
export async function expectRelayed(page: Page, isUdpBlocked: boolean): Promise<void> {
  const by = isUdpBlocked ? 'tcp' : expect.stringMatching(/^(udp|tcp)$/);
  await expect.poll(() => selectedPath(page), { message: 'the way of the media' }).toEqual({ type: 'relay', by });
}

/** All addresses under which a page may be reached, as far as it has told them. */
export async function localCandidates(page: Page): Promise<{ type: string; address: string }[]> {
  return page.evaluate(async () => {
    const found = [];
    for (const connection of window.observed.connections) {
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== 'local-candidate') continue;
        found.push({ type: report.candidateType, address: report.address });
      }
    }
    return found;
  });
}

/**
 * The ways to a relay that a peer connection with the settings of the page's own one finds, as W3C `relayProtocol`.
 * One in a call stops to look as soon as it is connected, and may not have found the slower way by then.
 */
export async function waysToRelay(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const connection = new RTCPeerConnection(window.observed.connections[0]!.getConfiguration());
    const gathered = new Promise<void>((done) => {
      connection.onicecandidate = ({ candidate }) => candidate ?? done();
    });
    connection.createDataChannel('');
    await connection.setLocalDescription();
    await gathered;
    const found = [...(await connection.getStats()).values()].filter(({ type }) => type === 'local-candidate');
    connection.close();
    return [...new Set<string>(found.map(({ relayProtocol }) => relayProtocol))].toSorted();
  });
}

/** What has arrived over all open peer connections of a page. */
export interface Received {
  framesDecoded: number;
  audioPackets: number;
  audioEnergy: number;
}

/** W3C WebRTC statistics, summed up. */
export async function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const sum = { framesDecoded: 0, audioPackets: 0, audioEnergy: 0 };
    for (const connection of window.observed.connections) {
      if (connection.connectionState === 'closed') continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        if (report.kind === 'video') sum.framesDecoded += report.framesDecoded ?? 0;
        if (report.kind === 'audio') {
          sum.audioPackets += report.packetsReceived ?? 0;
          sum.audioEnergy += report.totalAudioEnergy ?? 0;
        }
      }
    }
    return sum;
  });
}

/** Pictures and sound arrive, and go on arriving, over each of this many open peer connections. */
export async function expectMediaFromEach(page: Page, connections: number): Promise<void> {
  const look = () =>
    page.evaluate(async () => {
      const open = window.observed.connections.filter((connection) => connection.connectionState === 'connected');
      return Promise.all(
        open.map(async (connection) => {
          const sum = { frames: 0, packets: 0 };
          for (const report of (await connection.getStats()).values()) {
            if (report.type !== 'inbound-rtp') continue;
            if (report.kind === 'video') sum.frames += report.framesDecoded ?? 0;
            if (report.kind === 'audio') sum.packets += report.packetsReceived ?? 0;
          }
          return sum;
        }),
      );
    });
  await expect.poll(async () => (await look()).length, { message: 'connections', intervals: OFTEN }).toBe(connections);
  const before = await look();
  await expect
    .poll(
      async () => {
        const now = await look();
        return before.every(({ frames, packets }, at) => {
          const later = now[at];
          return later && later.frames > frames + 5 && later.packets > packets + 10;
        });
      },
      { message: 'frames and audio packets of each connection', intervals: OFTEN },
    )
    .toBe(true);
}

/** Pictures arrive and go on arriving. */
export async function expectVideo(page: Page): Promise<void> {
  const { framesDecoded } = await received(page);
  await expect
    .poll(async () => (await received(page)).framesDecoded, { message: 'decoded frames', intervals: OFTEN })
    .toBeGreaterThan(framesDecoded + 10);
}

/** Sound arrives, goes on arriving, and is not silence. */
export async function expectAudio(page: Page): Promise<void> {
  const { audioPackets, audioEnergy } = await received(page);
  await expect
    .poll(async () => (await received(page)).audioPackets, { message: 'audio packets', intervals: OFTEN })
    .toBeGreaterThan(audioPackets + 25);
  await expect
    .poll(async () => (await received(page)).audioEnergy, { message: 'audio energy', intervals: OFTEN })
    .toBeGreaterThan(audioEnergy);
}

/** Watches the packets of sound that arrive. What is returned tells the longest time without one, in milliseconds. */
export async function watchSoundGaps(page: Page): Promise<() => Promise<number>> {
  const handle = await page.evaluateHandle(() => {
    const seen = { packets: -1, since: performance.now(), longest: 0 };
    const look = async () => {
      let packets = 0;
      for (const connection of window.observed.connections) {
        for (const report of (await connection.getStats()).values()) {
          if (report.type === 'inbound-rtp' && report.kind === 'audio') packets += report.packetsReceived ?? 0;
        }
      }
      const now = performance.now();
      seen.longest = Math.max(seen.longest, now - seen.since);
      if (packets !== seen.packets) Object.assign(seen, { packets, since: now });
      setTimeout(look, 50);
    };
    void look();
    return seen;
  });
  return () => handle.evaluate((seen) => seen.longest);
}

/** No sound is heard any more: the energy of what arrives has stopped to grow. */
export async function expectSilence(page: Page): Promise<void> {
  let last = Number.NaN;
  await expect
    .poll(
      async () => {
        const before = last;
        last = (await received(page)).audioEnergy;
        return last - before;
      },
      { message: 'growth of audio energy between two looks', intervals: [1_500] },
    )
    .toBeLessThan(1e-6);
}

/** What a page has touched so far: peer connections that are open, and those of them that have heard of another side's address. */
interface Touched {
  captures: number;
  connections: number;
  reaching: number;
  liveTracks: number;
}

export async function touched(page: Page): Promise<Touched> {
  return page.evaluate(async () => {
    const open = window.observed.connections.filter((connection) => connection.connectionState !== 'closed');
    let reaching = 0;
    for (const connection of open) {
      const reports = [...(await connection.getStats()).values()];
      if (reports.some(({ type }) => type === 'remote-candidate' || type === 'candidate-pair')) reaching += 1;
    }
    return {
      captures: window.observed.captures,
      connections: open.length,
      reaching,
      liveTracks: window.observed.tracks.filter((track) => track.readyState === 'live').length,
    };
  });
}

/** Every device is closed and every peer connection too. */
export async function expectAllReleased(page: Page): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => ({
        tracks: window.observed.tracks.filter((track) => track.readyState === 'live').length,
        connections: window.observed.connections.filter((c) => c.connectionState !== 'closed').length,
      })),
    )
    .toEqual({ tracks: 0, connections: 0 });
}
