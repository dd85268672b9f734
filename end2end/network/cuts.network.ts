import { callEachOther, cut, expectCallKept, expectMediaWithin, until, within } from './steps.ts';
import { test } from './test.ts';

test('a cut of 8 seconds: both are told of it, and the call goes on', async ({ lab, alice, bob }) => {
  const start = await callEachOther(alice, bob);
  // A browser learns within its first half minute by how much the other side's clock differs from its own. If pictures stay away
  // for so long before that, it shows the ones that follow when it takes them to be due: up to two seconds late.
  await until(start + 30_000);
  const { from, to } = await cut(lab, 'bob', 8_000, alice, bob);
  for (const { person, observer } of [alice, bob]) {
    const told = await observer.shows('the media are interrupted', from, 30_000);
    within(8_000, told - from, `ms until ${person.name} was told`);
  }
  await expectMediaWithin(1_000, to, alice, bob);
  await expectCallKept(alice, bob, start);
});
