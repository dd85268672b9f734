import { expectRelayed, localCandidates, waysToRelay } from '../support/media.ts';
import { connect } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

test.use({ serverFlags: ['--turn', '127.0.0.1:0', '--relay-only'] });

for (const [ways, options] of [
  [['tcp', 'udp'], {}],
  [['tcp'], { letOut: 'tcp' }],
] as const) {
  test(`a call goes through the relay, reached by ${ways.join(' and ')}, and no other address is told`, async ({ person }) => {
    const [alice, bob] = [await person('Alice', options), await person('Bob', options)];
    await connect(alice, bob, 'video');
    for (const { page } of [alice, bob]) {
      await expectRelayed(page, !ways.some((way) => way === 'udp'));
      expect(await waysToRelay(page)).toEqual(ways);
      for (const candidate of await localCandidates(page)) {
        expect(candidate).toEqual({ type: 'relay', address: '127.0.0.1' });
      }
    }
  });
}

test('whoever is behind a firewall that lets TCP alone out reaches whoever is not', async ({ person }) => {
  const [alice, bob] = [await person('Alice', { letOut: 'tcp' }), await person('Bob')];
  await connect(alice, bob, 'video');
  await expectRelayed(alice.page, true);
  await expectRelayed(bob.page, false);
});
