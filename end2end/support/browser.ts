import { existsSync } from 'node:fs';
import { type Browser, chromium, type LaunchOptions, type PlaywrightWorkerArgs } from '@playwright/test';
import type { Host, Lab } from './lab.ts';

/** Where to look for Chromium: what `cargo xtask test` found, Playwright's own, the system's. */
const chromiums = [
  process.env['YODEL_CHROMIUM'],
  chromium.executablePath(),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Chromium, with cameras that give this many pictures a second. Every one of them is compressed by the processor. */
export function browserOptions(picturesPerSecond: number): { launchOptions: LaunchOptions } {
  const args = [
    // Cameras and microphones that beep and count, and no prompt for them. (The second camera sees depth: it cannot be sent.)
    `--use-fake-device-for-media-stream=device-count=3,fps=${picturesPerSecond}`,
    '--use-fake-ui-for-media-stream',
    // ICE on a machine without a network.
    '--allow-loopback-in-peer-connection',
    // A page that a test makes up came from no address, and counts as one of the internet that reaches into a local network.
    '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
    // Nothing that talks to anybody by itself.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
  ];
  const advice = 'no Chromium was found: run `npx playwright install chromium`, or set YODEL_CHROMIUM to its path';
  return { launchOptions: { executablePath: find(chromiums, advice), args } };
}

/** Chromium for a person on a host of the lab, who trusts a site without a certificate. */
export async function launchInLab(
  playwright: PlaywrightWorkerArgs['playwright'],
  lab: Lab,
  host: Host,
  site: string,
): Promise<Browser> {
  const { executablePath, args = [] } = browserOptions(15).launchOptions;
  return playwright.chromium.launch({
    executablePath: await lab.launcher(host, executablePath!),
    args: [
      // There is a network.
      ...args.filter((arg) => arg !== '--allow-loopback-in-peer-connection'),
      `--unsafely-treat-insecure-origin-as-secure=${site}`,
    ],
  });
}

/** Where to look for Firefox: what `cargo xtask test` found, the system's. */
const firefoxes = [
  process.env['YODEL_FIREFOX'],
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];

/**
 * Firefox as people have it, through WebDriver BiDi: Playwright's own is a patched one. The version of Playwright is the
 * newest that sends no command unknown to Firefox ESR 153.
 */
export async function launchFirefox(playwright: PlaywrightWorkerArgs['playwright']): Promise<Browser> {
  return playwright.firefox.launch({
    // Any channel of this kind chooses WebDriver BiDi; the program is the one that is named.
    channel: 'moz-firefox',
    executablePath: find(firefoxes, 'no Firefox was found: install it, or set YODEL_FIREFOX to its path'),
    args: [],
    firefoxUserPrefs: {
      // Cameras and microphones that beep and count, and no prompt for them.
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      // ICE on a machine without a network.
      'media.peerconnection.ice.loopback': true,
    },
  });
}

/** The first of these paths that leads to a program. */
function find(paths: readonly (string | undefined)[], advice: string): string {
  const found = paths.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error(advice);
  return found;
}
