import config from './playwright.config.ts';

/** Takes the pictures of the README, and more of them below target/end2end/pictures. */
export default {
  ...config,
  testDir: 'pictures',
  testMatch: '*.picture.ts',
  reporter: 'list',
  timeout: 120_000,
  projects: [{ name: 'pictures' }],
};
