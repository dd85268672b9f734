import type { Browser } from '@playwright/test';
import { launchInLab } from '../support/browser.ts';
import { Lab, NoLab } from '../support/lab.ts';
import type { Person } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { test as base } from '../support/test.ts';
import { Observer } from './observer.ts';

/** Somebody on a host of the lab, and what their page shows and receives over time. */
export interface Caller {
  person: Person;
  observer: Observer;
}

interface Fixtures {
  /** Reset for every test, which is skipped where there can be none. */
  lab: Lab;
  alice: Caller;
  bob: Caller;
}

interface WorkerFixtures {
  laboratory: Lab | NoLab;
  aliceBrowser: Browser;
  bobBrowser: Browser;
}

function present(laboratory: Lab | NoLab): Lab {
  if (laboratory instanceof NoLab) throw new Error(laboratory.reason);
  return laboratory;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  laboratory: [
    async ({}, use) => {
      const laboratory = await Lab.start();
      if (laboratory instanceof NoLab) console.log(`no network lab can be had here: ${laboratory.reason}`);
      await use(laboratory);
      if (laboratory instanceof Lab) await laboratory.stop();
    },
    { scope: 'worker' },
  ],

  server: [
    async ({ laboratory, serverFlags }, use) => {
      const lab = present(laboratory);
      const server = await Server.start(serverFlags, { address: lab.address, launcher: lab.on('server') });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  // Playwright asks for this before a test can be skipped: no server is started for it.
  baseURL: async ({ laboratory }, use) => use(laboratory instanceof Lab ? `http://${laboratory.address}` : undefined),

  aliceBrowser: [
    async ({ laboratory, playwright, server }, use) => {
      const browser = await launchInLab(playwright, present(laboratory), 'alice', server.url);
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],

  bobBrowser: [
    async ({ laboratory, playwright, server }, use) => {
      const browser = await launchInLab(playwright, present(laboratory), 'bob', server.url);
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],

  lab: [
    async ({ laboratory }, use, info) => {
      info.skip(laboratory instanceof NoLab, laboratory instanceof NoLab ? laboratory.reason : '');
      const lab = present(laboratory);
      await lab.clear();
      await use(lab);
      // What is closed at the end of a test is told to the other side.
      await lab.clear();
    },
    { auto: true },
  ],

  alice: async ({ aliceBrowser, person }, use, info) => {
    const alice = await person('Alice', { browser: aliceBrowser });
    const observer = await Observer.of(alice);
    await use({ person: alice, observer });
    await observer.attachTo(info);
  },

  bob: async ({ bobBrowser, person }, use, info) => {
    const bob = await person('Bob', { browser: bobBrowser });
    const observer = await Observer.of(bob);
    await use({ person: bob, observer });
    await observer.attachTo(info);
  },

  watch: async ({ watch }, use) => {
    // Of a network that is cut, browsers say so.
    watch.expect(/net::ERR_|WebSocket connection to .* failed/);
    await use(watch);
  },
});

export { expect } from '@playwright/test';
