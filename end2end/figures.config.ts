import config from './playwright.config.ts';
import { browserOptions } from './support/browser.ts';

/** Measures, one thing at a time. Not part of the tests: tests do not time. */
export default {
  ...config,
  testDir: 'figures',
  testMatch: '*.figure.ts',
  reporter: 'list',
  workers: 1,
  timeout: 180_000,
  // Twice as many pictures as in the tests: how soon the first one comes is one of the figures.
  use: { ...config.use, ...browserOptions(20) },
  projects: [{ name: 'figures' }],
};
