import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { BrowserContext, Page } from '@playwright/test';
import type TRTCCalling from '../../sdk/package/trtc-calling.js';
import type { ErrorEvent, Events } from '../../sdk/package/trtc-calling.js';
import type {} from '../../sdk/package/trtc-calling.umd.js';
import { Line } from './line.ts';
import { failCapture, observeMedia, type Device } from './media.ts';
import { Server } from './server.ts';
import { Shop } from './shop.ts';
import { expect, newNumber, test as base } from './test.ts';

/** The app of the tests, and the one secret that the server knows of it. */
export const APP = 1400000001;
const SECRET = 'a secret of the end-to-end tests 1';

/** By which the server knows it. */
export const APP_FLAGS = ['--apps', `${APP}:${SECRET}`];

/** What a userSig says, where it is not the usual. */
interface Signed {
  app?: number;
  secret?: string;
  /** When it was made, in seconds since 1970. */
  time?: number;
  /** How long it holds, in seconds. */
  expire?: number;
}

/** The userSig of this user, made as a developer's server makes it. */
export function userSig(userID: string, signed: Signed = {}): string {
  const { app = APP, secret = SECRET, time = Math.floor(Date.now() / 1000), expire = 3600 } = signed;
  const said = `TLS.identifier:${userID}\nTLS.sdkappid:${app}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
  const token = {
    'TLS.ver': '2.0',
    'TLS.identifier': userID,
    'TLS.sdkappid': app,
    'TLS.time': time,
    'TLS.expire': expire,
    'TLS.sig': createHmac('sha256', secret).update(said).digest('base64'),
  };
  const replaced: Record<string, string> = { '+': '*', '/': '-', '=': '_' };
  return deflateSync(JSON.stringify(token))
    .toString('base64')
    .replace(/[+/=]/g, (character) => replaced[character] ?? character);
}

/** What a promise of the class was rejected with. */
export interface Failure {
  isError: boolean;
  message: string;
  msg: unknown;
  code: unknown;
  cause: unknown;
}

/** An event: its name, and what the handler was given. */
export type Told = [name: string, event: unknown];

declare global {
  interface Window {
    trtcCalling: TRTCCalling;
    told: Told[];
  }
}

/** A page of a developer. The old package's name means Yodel's class, so that snippets run as they are printed. */
const PAGE = `<!doctype html>
<html lang="en">
  <title>A page with calls</title>
  <link rel="icon" href="data:,">
  <script type="importmap">{ "imports": { "trtc-calling-js": "/sdk/trtc-calling.js" } }</script>
  <script type="module">
    import TRTCCalling from 'trtc-calling-js';
    window.TRTCCalling = TRTCCalling;
  </script>
  <div id="local"></div>
  <div id="remote"></div>
</html>`;

/** Events that come whenever they like, or so often that they would hide the others. */
const ASIDE = ['sdkReady', 'onUserVoiceVolume', 'onUserVideoAvailable', 'onUserAudioAvailable'];

/** Somebody on a page of a developer. */
export class Calling {
  readonly userID: string;
  readonly page: Page;
  /** What the page has written to the console, as values. */
  readonly logged: unknown[][] = [];

  constructor(userID: string, page: Page) {
    this.userID = userID;
    this.page = page;
    page.on('console', async (message) => {
      const values = message.args().map((value) => value.jsonValue().catch(() => undefined));
      this.logged.push(await Promise.all(values));
    });
  }

  /** Opens the page of this server. */
  async open(url: string): Promise<void> {
    await this.page.route('**/sdk/test', (route) => route.fulfill({ contentType: 'text/html', body: PAGE }));
    await this.page.goto(`${url}/sdk/test`);
  }

  /** Makes an instance, and writes down what it tells. */
  async make(options: object = { SDKAppID: APP }): Promise<void> {
    await this.page.waitForFunction(() => 'TRTCCalling' in window);
    await this.page.evaluate((options) => {
      window.told = [];
      const Class = window.TRTCCalling;
      window.trtcCalling = new Class(options as { SDKAppID: number });
      for (const name of new Set(Object.values(Class.EVENT))) {
        window.trtcCalling.on(name, (event) => {
          // An error has nothing that JSON would keep.
          const { code, msg, message, cause } = event as ErrorEvent;
          const plain = event instanceof Error ? { code, msg, message, cause } : event;
          window.told.push([name, JSON.parse(JSON.stringify(plain))]);
        });
      }
    }, options);
  }

  async login(): Promise<void> {
    await this.ask('login', { userID: this.userID, userSig: userSig(this.userID) });
  }

  /** Calls a method, and returns what its promise resolves with. */
  async ask(method: keyof TRTCCalling, ...params: unknown[]): Promise<unknown> {
    const answer = await this.#settle(method, params);
    if ('failure' in answer) throw new Error(`${method} was rejected: ${JSON.stringify(answer.failure)}`);
    return answer.result;
  }

  /** Calls a method whose promise is rejected, and returns what with. */
  async fails(method: keyof TRTCCalling, ...params: unknown[]): Promise<Failure> {
    const answer = await this.#settle(method, params);
    if ('failure' in answer) return answer.failure;
    throw new Error(`${method}(${JSON.stringify(params)}) was not rejected, but gave ${JSON.stringify(answer.result)}`);
  }

  /** Calls a method, whatever comes of it. */
  async tries(method: keyof TRTCCalling, ...params: unknown[]): Promise<void> {
    await this.#settle(method, params);
  }

  #settle(method: keyof TRTCCalling, params: unknown[]): Promise<{ result: unknown } | { failure: Failure }> {
    return this.page.evaluate(
      async ({ method, params }) => {
        try {
          const act = window.trtcCalling[method] as (...params: unknown[]) => unknown;
          return { result: await act.apply(window.trtcCalling, params) };
        } catch (error) {
          const { message, msg, code, cause } = error as Error & { msg: unknown; code: unknown };
          return { failure: { isError: error instanceof Error, message, msg, code, cause } };
        }
      },
      { method, params },
    );
  }

  /** Runs this text as a module of the page, with these variables around it. */
  async run(text: string, variables: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      async ({ text, variables }) => {
        Object.assign(globalThis, variables);
        await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
      },
      { text, variables },
    );
  }

  /** What the instance has told so far, without what comes whenever it likes. */
  async plot(): Promise<Told[]> {
    const told = await this.page.evaluate(() => window.told);
    return told.filter(([name]) => !ASIDE.includes(name));
  }

  /** What every event of this name has said so far. */
  async heard<Name extends keyof Events>(name: Name): Promise<Events[Name][]> {
    const told = await this.page.evaluate(() => window.told);
    return told.filter(([other]) => other === name).map(([, event]) => event as Events[Name]);
  }

  /** Forgets what was told, before the next call. */
  async forget(): Promise<void> {
    await this.page.evaluate(() => {
      window.told = [];
    });
  }

  async expectStatus(status: 'idle' | 'calling' | 'connected'): Promise<void> {
    await expect.poll(() => this.ask('getCallStatus'), { message: `status of ${this.userID}` }).toBe(status);
  }

  /** In this order, this was told, and nothing else. */
  async expectPlot(plot: Told[]): Promise<void> {
    await expect.poll(() => this.plot(), { message: `what ${this.userID} is told` }).toEqual(plot);
  }

  /** This is told at least once. */
  async expectHeard<Name extends keyof Events>(name: Name, event: Events[Name]): Promise<void> {
    await expect.poll(() => this.heard(name), { message: `${name} of ${this.userID}` }).toContainEqual(event);
  }
}

/** Two people in a call. */
export async function talk(caller: Calling, callee: Calling, type: 1 | 2): Promise<void> {
  await caller.ask('call', { userID: callee.userID, type });
  await callee.expectStatus('calling');
  await callee.ask('accept');
  for (const one of [caller, callee]) await one.expectStatus('connected');
}

/** What a spec may ask of somebody's page. */
interface CallingOptions {
  /** Where the page comes from, if not from the server itself. */
  url?: string;
  /** Somebody who has another page already: the same userID. */
  as?: Calling;
  /** Let `getUserMedia` fail with a DOMException of this name, for these devices. */
  failing?: { name: string; devices: readonly Device[] };
  /** Whether the person is logged in. Default: yes. */
  loggedIn?: boolean;
}

interface Fixtures {
  /** Somebody on a page of the server's origin, with an instance that is logged in. The userID is made unique. */
  calling: (name: string, options?: CallingOptions) => Promise<Calling>;
  /** A browser of somebody's own. */
  browserOf: (options?: CallingOptions) => Promise<BrowserContext>;
  /** A line to the server, which can be cut. */
  line: Line;
}

interface WorkerFixtures {
  shop: Shop;
}

/** A userID that nobody else on a worker's server has. */
export function newUserID(name: string): string {
  return `${name.toLowerCase()}-${newNumber()}`;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  shop: [
    async ({}, use) => {
      const shop = await Shop.open();
      await use(shop);
      await shop.close();
    },
    { scope: 'worker' },
  ],

  server: [
    async ({ shop, serverFlags }, use) => {
      const server = await Server.start([...APP_FLAGS, '--origins', shop.origin, ...serverFlags]);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  browserOf: async ({ browser, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async ({ failing } = {}) => {
      const context = await browser.newContext();
      contexts.push(context);
      watch.context(context);
      await observeMedia(context);
      if (failing) await failCapture(context, failing.name, failing.devices);
      return context;
    });
    for (const context of contexts) await context.close();
  },

  line: async ({ server }, use) => {
    const line = await Line.to(server);
    await use(line);
    line.close();
  },

  calling: async ({ server, browserOf }, use) => {
    await use(async (name, options = {}) => {
      const context = await browserOf(options);
      const calling = new Calling(options.as?.userID ?? newUserID(name), await context.newPage());
      await calling.open(options.url ?? server.url);
      await calling.make();
      if (options.loggedIn ?? true) await calling.login();
      return calling;
    });
  },
});

export { expect } from '@playwright/test';
