import { callAll } from '../support/person.ts';
import { test } from '../support/test.ts';
import { answer } from './answer.ts';
import { clicked, median, rung } from './clock.ts';

const ROUNDS = 10;

test('call to ring, and accept to the first remote frame', async ({ person }) => {
  const ring: number[] = [];
  const caller: number[] = [];
  const callee: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // New people each time: nobody may be rung by the same person more than a few times a minute.
    const [alice, bob] = [await person('Alice'), await person('Bob')];
    await alice.sees(bob, 'Online');
    const [placed, rang] = await Promise.all([
      clicked(alice.page, 'Video call'),
      rung(bob.page),
      alice.call(bob, 'video'),
    ]);
    ring.push(rang - placed);
    await alice.callWith(bob).ringing.waitFor();
    const frames = await answer(bob, alice);
    caller.push(frames.caller);
    callee.push(frames.callee);
    await Promise.all([alice.context.close(), bob.context.close()]);
  }
  console.log(`\ncall → ring: ${median(ring)}`);
  console.log(`accept → first remote frame at the caller: ${median(caller)}`);
  console.log(`accept → first remote frame at the callee: ${median(callee)}`);
});

test('accept to the first remote frame in a group of four', async ({ person }) => {
  const caller: number[] = [];
  const callee: number[] = [];
  for (let round = 0; round < ROUNDS / 2; round++) {
    const alice = await person('Alice');
    const callees = [await person('Bob'), await person('Carol'), await person('Kitchen')];
    await callAll(alice, callees);
    for (const one of callees) {
      await alice.groupCall.tile(one.name).getByText('Ringing…').waitFor();
      const frames = await answer(one, alice);
      caller.push(frames.caller);
      callee.push(frames.callee);
    }
    await Promise.all([alice, ...callees].map((one) => one.context.close()));
  }
  console.log(`\nin a group of four, accept → first remote frame at the caller: ${median(caller)}`);
  console.log(`in a group of four, accept → first remote frame at the callee: ${median(callee)}`);
});
