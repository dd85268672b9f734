import { both, callEachOther, expectCallKept, expectMediaWithin, within } from './steps.ts';
import { test } from './test.ts';

test('a connection that is dead, which no restart of ICE brings back: a fresh one takes its place', async ({ alice, bob }) => {
  const start = await callEachOther(alice, bob);
  await alice.person.page.evaluate(() => {
    for (const connection of window.observed.connections) connection.close();
  });
  const closed = both(alice, bob).note('the connection is closed underneath Alice');
  const told: number[] = [];
  for (const { person, observer } of [alice, bob]) {
    told.push(await observer.shows('the media are interrupted', closed, 30_000));
    within(8_000, told.at(-1)! - closed, `ms until ${person.name} was told`);
  }
  // Three seconds of patience and ten for the restart of ICE, which goes nowhere.
  await expectMediaWithin(20_000, Math.max(...told), alice, bob);
  await expectCallKept(alice, bob, start);
});
