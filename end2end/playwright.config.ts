import { defineConfig } from '@playwright/test';
import { browserOptions } from './support/browser.ts';
import type { YodelOptions } from './support/test.ts';

/**
 * What needs a machine of its own: four people in a call are twelve pictures that are compressed and twelve that are
 * decompressed, on processors that each of them would have had alone; axe reads whole pages while a call goes on in them;
 * Firefox runs beside Chromium; and a gap in the sound says something of Yodel only where nobody else takes the processor.
 * These come last and one by one, and may take their time.
 */
const demanding = [
  'accessibility.spec.ts',
  'browsers.spec.ts',
  'gaps.spec.ts',
  'groups.spec.ts',
  'reconnects.spec.ts',
  'sdk_demo.spec.ts',
  'sdk_group.spec.ts',
  'stored_groups.spec.ts',
];

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
  use: {
    ...browserOptions(10),
    locale: 'en-US',
    // A recording of every page takes a quarter of the time. `--trace retain-on-failure` makes one where it is wanted.
    trace: 'off',
  },
  projects: [
    { name: 'chromium', testIgnore: ['no_js.spec.ts', ...demanding] },
    { name: 'no-js', testMatch: 'no_js.spec.ts', use: { javaScriptEnabled: false } },
    { name: 'demanding', testMatch: demanding, workers: 1, timeout: 180_000, expect: { timeout: 30_000 } },
  ],
});
