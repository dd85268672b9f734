import { answer, badLink, until, within } from './steps.ts';
import { expect, test } from './test.ts';

const CALLS = 20;
/** Nobody may call the same person more than once in ten seconds for long, and they call by turns. */
const EVERY_MS = 5_500;

test('5 % loss, 180 ms round trips and 20 ms jitter: sound and pictures within 2 seconds of the answer', async ({
  lab,
  alice,
  bob,
}) => {
  await alice.person.sees(bob.person, 'Online');
  await bob.person.sees(alice.person, 'Online');
  await badLink(lab);
  const took: number[] = [];
  const start = Date.now();
  for (let call = 0; call < CALLS; call++) {
    await until(start + call * EVERY_MS);
    const [caller, callee] = call % 2 === 0 ? [alice, bob] : [bob, alice];
    const answered = await answer(caller, callee);
    const arrivals: number[] = [];
    for (const { observer } of [alice, bob]) {
      arrivals.push(await observer.hears(answered, 30_000), await observer.sees(answered, 30_000));
    }
    took.push(Math.max(...arrivals) - answered);
    await caller.person.callWith(callee.person).hangUp.click();
    await expect(callee.person.home.notice).toContainText('hung up');
  }
  const sorted = took.toSorted((one, other) => one - other);
  console.log(`    ms from the answer to sound and pictures at both: ${sorted.map((ms) => ms.toFixed(0)).join(', ')}`);
  within(2_000, sorted[Math.ceil(0.95 * CALLS) - 1] ?? Infinity, 'ms from the answer to sound and pictures at both, p95');
});
