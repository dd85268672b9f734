import config from './playwright.config.ts';

/** Measures, one thing at a time. Not part of the tests: tests do not time. */
export default {
  ...config,
  testDir: 'figures',
  testMatch: '*.figure.ts',
  reporter: 'list',
  workers: 1,
  timeout: 180_000,
  projects: [{ name: 'figures' }],
};
