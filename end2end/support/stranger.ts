import type { Page } from '@playwright/test';
import { expect } from './test.ts';

/** Somebody signed in who speaks the protocol (docs/protocol.md) by hand, and says what they like. */
export class Stranger {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Takes a page that is signed in, and says hello from one that has no phone. */
  static async on(page: Page): Promise<Stranger> {
    await page.goto('/groups/new');
    await page.evaluate(() => {
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
      const said: Said = { socket, commands: 0, events: [] };
      window.said = said;
      socket.onopen = () => {
        const hello = { version: 1, device: '00000000000000ee', login: 'shared' };
        socket.send(JSON.stringify({ id: 0, command: { hello } }));
      };
      socket.onmessage = ({ data }) => {
        const event: unknown = JSON.parse(data as string);
        if (typeof event === 'object' && event !== null) said.events.push(event as Record<string, unknown>);
      };
    });
    const stranger = new Stranger(page);
    await stranger.hears('welcomed');
    return stranger;
  }

  /** Gives this command. Whether it is refused is another matter. */
  async say(command: object): Promise<void> {
    await this.#page.evaluate((command) => {
      window.said.commands += 1;
      window.said.socket.send(JSON.stringify({ id: window.said.commands, command }));
    }, command);
  }

  /** The newest event of this kind. Waits for it. */
  async hears<Kind extends string>(kind: Kind): Promise<Record<string, unknown>> {
    const find = () =>
      this.#page.evaluate((kind) => window.said.events.findLast((event) => kind in event)?.[kind], kind);
    await expect.poll(find, { message: `the server says “${kind}”` }).toBeDefined();
    return (await find()) as Record<string, unknown>;
  }

  /** What was heard is forgotten. */
  async forget(): Promise<void> {
    await this.#page.evaluate(() => void (window.said.events.length = 0));
  }

  /** Calls somebody. The id of the call, and the entry that the callee will have. */
  async call(callee: string, callType: 'audio' | 'video'): Promise<{ call: string; entry: number }> {
    await this.forget();
    const media = { microphone: true, camera: callType === 'video' };
    await this.say({ call: { invitees: [callee], group: null, callType, ringSeconds: null, media, note: null } });
    const { call } = (await this.hears('placed')) as { call: { call: string; invitees: { entry: number }[] } };
    return { call: call.call, entry: call.invitees[0]!.entry };
  }

  /** An offer as a browser makes it, of sound, camera and screen. */
  async offer(): Promise<string> {
    return this.#page.evaluate(async () => {
      const connection = new RTCPeerConnection();
      for (const kind of ['audio', 'video', 'video']) connection.addTransceiver(kind, { direction: 'sendrecv' });
      const { sdp = '' } = await connection.createOffer();
      connection.close();
      return sdp;
    });
  }

  /** A connection of this page's own that knocks at an address: how soon browsers do, when nothing keeps them from it. */
  async knock(candidate: string): Promise<void> {
    await this.#page.evaluate(async (candidate) => {
      const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
      one.addTransceiver('audio');
      await one.setLocalDescription();
      await other.setRemoteDescription(one.localDescription!);
      await other.setLocalDescription();
      await one.setRemoteDescription(other.localDescription!);
      await one.addIceCandidate({ candidate, sdpMLineIndex: 0 });
    }, candidate);
  }
}

interface Said {
  socket: WebSocket;
  commands: number;
  events: Record<string, unknown>[];
}

declare global {
  interface Window {
    said: Said;
  }
}
