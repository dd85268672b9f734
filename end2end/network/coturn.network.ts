import { Coturn, findCoturn } from '../support/coturn.ts';
import { NoLab } from '../support/lab.ts';
import { expectRelayed, localCandidates } from '../support/media.ts';
import { Server } from '../support/server.ts';
import { answer, both, expectCallKept, expectMediaWithin } from './steps.ts';
import { expect, test as base } from './test.ts';

const program = findCoturn();

const test = base.extend<object, { coturn: Coturn }>({
  coturn: [
    async ({ laboratory }, use) => {
      if (laboratory instanceof NoLab || program === undefined) throw new Error('the test is to be skipped');
      const coturn = await Coturn.start(laboratory, program);
      await use(coturn);
      await coturn.stop();
    },
    { scope: 'worker' },
  ],

  server: [
    async ({ laboratory, coturn }, use) => {
      if (laboratory instanceof NoLab) throw new Error(laboratory.reason);
      const host = { address: laboratory.address, launcher: laboratory.on('server') };
      const server = await Server.start(['--relay-only'], host, { YODEL_ICE_SERVERS: coturn.iceServers });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
});

test.skip(program === undefined, 'coturn is not installed: `apt-get install coturn`, or set YODEL_TURNSERVER to its path');

for (const [by, blocked, limit] of [['udp', [], 3_000], ['tcp', ['alice', 'bob'], 4_000]] as const) {
  test(`a call goes through coturn, started as the manual says, by ${by.toUpperCase()}`, async ({ lab, coturn, alice, bob }) => {
    for (const host of blocked) await lab.say(`block udp ${host}`);
    const answered = await answer(alice, bob);
    await expectMediaWithin(limit, answered, alice, bob);
    for (const { person } of [alice, bob]) {
      await expectRelayed(person.page, by === 'tcp');
      for (const candidate of await localCandidates(person.page)) {
        expect(candidate).toMatchObject({ type: 'relay', address: coturn.relayed });
      }
    }
    await expectCallKept(alice, bob, both(alice, bob).note('the call is on'));
  });
}
