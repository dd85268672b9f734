import { expectRelayed, localCandidates } from '../support/media.ts';
import { answer, both, expectCallKept, expectMediaWithin } from './steps.ts';
import { expect, test } from './test.ts';

test.use({ serverFlags: ['--turn', '10.77.1.1:3478', '--relay-only'] });

for (const [by, blocked, limit] of [['udp', [], 3_000], ['tcp', ['alice', 'bob'], 4_000]] as const) {
  const title = `relay only: the call goes through the relay by ${by.toUpperCase()}, and nobody’s own address is told`;
  test(title, async ({ lab, alice, bob }) => {
    for (const host of blocked) await lab.say(`block udp ${host}`);
    const answered = await answer(alice, bob);
    await expectMediaWithin(limit, answered, alice, bob);
    for (const { person } of [alice, bob]) {
      await expectRelayed(person.page, by === 'tcp');
      for (const candidate of await localCandidates(person.page)) {
        expect(candidate).toMatchObject({ type: 'relay', address: '10.77.1.1' });
      }
    }
    await expectCallKept(alice, bob, both(alice, bob).note('the call is on'));
  });
}
