import config from './playwright.config.ts';

/** Calls across bad networks. What takes minutes is in the project `long`. */
export default {
  ...config,
  testDir: 'network',
  outputDir: '../target/end2end/network-results',
  reporter: [['list'], ['json', { outputFile: '../target/end2end/network-report.json' }]],
  // Two browsers and a server share the processors, and a network that waits for one of them would be another one.
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // What is drawn and recorded is drawn and recorded by the processors that two calls are to be compressed by. What was seen
  // is in the report of each test.
  use: { ...config.use, trace: 'off' as const, viewport: { width: 640, height: 480 } },
  projects: [
    { name: 'short', testMatch: '*.network.ts', testIgnore: '*.long.network.ts' },
    { name: 'long', testMatch: '*.long.network.ts', timeout: 300_000 },
  ],
};
