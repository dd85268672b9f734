import { browserOptions } from '../support/browser.ts';
import { selectedPath } from '../support/media.ts';
import { connect } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

const { args = [], ...options } = browserOptions(10).launchOptions;

test.use({
  serverFlags: ['--lan', '--turn', '127.0.0.1:0'],
  // What a context ignores, it ignores in pages: the connections of WebRTC are not made in its name.
  launchOptions: { ...options, args: [...args, '--ignore-certificate-errors'] },
  ignoreHTTPSErrors: true,
});

test('whoever is behind a firewall that lets TLS alone out is relayed by it', async ({ person }) => {
  const [alice, bob] = [await person('Alice', { letOut: 'tls' }), await person('Bob', { letOut: 'tls' })];
  await connect(alice, bob, 'video');
  for (const { page } of [alice, bob]) expect(await selectedPath(page)).toEqual({ type: 'relay', by: 'tls' });
});
