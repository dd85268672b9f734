import { test as base, type Browser, type BrowserContext } from '@playwright/test';
import type { Account } from '../pages/accounts.ts';
import { launchFirefox } from './browser.ts';
import { blockUdp, failCapture, observeMedia, paintCameras, type Device, type LetOut } from './media.ts';
import { Person } from './person.ts';
import { Server } from './server.ts';
import { Watch } from './watch.ts';

/** What a spec may ask of the server. */
export interface YodelOptions {
  /** Flags for the binary, beside the address and the data folder. */
  serverFlags: string[];
}

/** What a spec may ask of a person's browser. */
interface PersonOptions {
  /** Chromium, unless the spec says otherwise. */
  browser?: Browser;
  /** Somebody who has another browser already: the same account. */
  as?: Person;
  /** Let `getUserMedia` fail with a DOMException of this name, for these devices. */
  failing?: { name: string; devices: readonly Device[] };
  /** Two cameras of one color each, in place of those that the browser has. */
  painted?: boolean;
  /** What a firewall in front of them lets out, if there is one. */
  letOut?: LetOut;
}

interface Fixtures {
  watch: Watch;
  /** Signs somebody up, in a browser of their own. The name is made unique. */
  person: (name: string, options?: PersonOptions) => Promise<Person>;
}

interface WorkerFixtures extends YodelOptions {
  /** Started when the first spec asks for it. */
  firefox: Browser;
  server: Server;
}

let people = 100;

/** Makes ids and names that nobody else on a worker's server has. */
export function newNumber(): number {
  return people++;
}

/** An account for somebody of this name, which is made unique. */
function newAccount(name: string): Account {
  const number = newNumber();
  const id = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 24);
  return { id: `${id}-${number}`, name: `${name} ${number}`, password: 'correct horse' };
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  serverFlags: [[], { option: true, scope: 'worker' }],

  server: [
    async ({ serverFlags }, use) => {
      const server = await Server.start(serverFlags);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  firefox: [
    async ({ playwright }, use) => {
      const firefox = await launchFirefox(playwright);
      await use(firefox);
      await firefox.close();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ server }, use) => use(server.url),

  watch: [
    async ({}, use) => {
      const watch = new Watch();
      await use(watch);
      base.expect(watch.problems, 'complaints of the pages').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, watch }, use) => {
    watch.context(context);
    await use(context);
  },

  person: async ({ browser, watch, ignoreHTTPSErrors }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (name, options = {}) => {
      const context = await (options.browser ?? browser).newContext({ ignoreHTTPSErrors });
      contexts.push(context);
      watch.context(context);
      await observeMedia(context);
      if (options.letOut) await blockUdp(context, options.letOut);
      if (options.painted) await paintCameras(context);
      if (options.failing) await failCapture(context, options.failing.name, options.failing.devices);
      const person = new Person(options.as?.account ?? newAccount(name), context, await context.newPage());
      await (options.as ? person.signIn() : person.signUp());
      return person;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect } from '@playwright/test';
