import { defineConfig } from '@playwright/test';
import { browserOptions } from './support/browser.ts';
import type { YodelOptions } from './support/test.ts';

/** Every test runs against the release binary; each worker starts its own, on a free port and with empty data. */
export default defineConfig<object, YodelOptions>({
  testDir: 'specs',
  outputDir: '../target/end2end/results',
  reporter: [['list'], ['json', { outputFile: '../target/end2end/report.json' }]],
  forbidOnly: !!process.env['CI'],
  // A test that passes at the second try only is a failing test.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  use: { ...browserOptions, locale: 'en-US', trace: 'retain-on-failure' },
  projects: [
    { name: 'chromium', testIgnore: 'no_js.spec.ts' },
    { name: 'no-js', testMatch: 'no_js.spec.ts', use: { javaScriptEnabled: false } },
  ],
});
