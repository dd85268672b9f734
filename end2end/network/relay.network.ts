import type { Host } from '../support/lab.ts';
import { expectRelayed } from '../support/media.ts';
import { answer, both, expectCallKept, expectMediaWithin } from './steps.ts';
import { test, type Caller } from './test.ts';

test.use({ serverFlags: ['--turn', '10.77.1.1:3478'] });

/** Alice calls Bob with video: from the answer on, both see and hear within this time. Then the call ends as it should. */
async function callWithin(limit: number, alice: Caller, bob: Caller, behind: readonly Host[]): Promise<void> {
  const answered = await answer(alice, bob);
  await expectMediaWithin(limit, answered, alice, bob);
  await expectRelayed(alice.person.page, behind.includes('alice'));
  await expectRelayed(bob.person.page, behind.includes('bob'));
  await expectCallKept(alice, bob, both(alice, bob).note('the call is on'));
}

test('two networks without a way between them: the call goes through the relay', async ({ lab, alice, bob }) => {
  await lab.say('block direct alice bob');
  await callWithin(3_000, alice, bob, []);
});

for (const [who, behind] of [
  ['both are', ['alice', 'bob']],
  ['the caller is', ['alice']],
  ['the callee is', ['bob']],
] as const) {
  test(`${who} behind a firewall that lets no UDP through: the relay is reached by TCP`, async ({ lab, alice, bob }) => {
    for (const host of behind) await lab.say(`block udp ${host}`);
    await callWithin(4_000, alice, bob, behind);
  });
}
