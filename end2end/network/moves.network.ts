import { both, callEachOther, expectCallKept, expectMediaWithin } from './steps.ts';
import { test } from './test.ts';

test('Alice enters another network, and the call goes on', async ({ lab, alice, bob }) => {
  const start = await callEachOther(alice, bob);
  await lab.say('move alice');
  const moved = both(alice, bob).note('Alice has another address');
  await expectMediaWithin(10_000, moved, alice, bob);
  await expectCallKept(alice, bob, start);
});
