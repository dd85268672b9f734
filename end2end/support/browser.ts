import { existsSync } from 'node:fs';
import { chromium, type LaunchOptions } from '@playwright/test';

/** Where to look for a browser: what `cargo xtask test` found, Playwright's own, the system's. */
const candidates = [
  process.env['YODEL_CHROMIUM'],
  chromium.executablePath(),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) {
  throw new Error('no Chromium was found: run `npx playwright install chromium`, or set YODEL_CHROMIUM to its path');
}

const launchOptions: LaunchOptions = {
  executablePath,
  args: [
    // Cameras and microphones that beep and count, and no prompt for them. (The second camera sees depth: it cannot be sent.)
    '--use-fake-device-for-media-stream=device-count=3',
    '--use-fake-ui-for-media-stream',
    // ICE on a machine without a network.
    '--allow-loopback-in-peer-connection',
    // Nothing that talks to anybody by itself.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
  ],
};

export const browserOptions = { launchOptions };
