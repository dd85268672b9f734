import { callAll } from '../support/person.ts';
import { test } from '../support/test.ts';
import { clicked, median, rung, shown } from './clock.ts';

const ROUNDS = 10;
/** Nobody answers sooner than this after it has begun to ring. */
const REACTION_MS = 1_000;

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
    await bob.page.waitForTimeout(REACTION_MS);
    const [accepted, atAlice, atBob] = await Promise.all([
      clicked(bob.page, 'Answer with video'),
      shown(alice.page, bob.account.id),
      shown(bob.page, alice.account.id),
      bob.invitationBy(alice).answerWithVideo.click(),
    ]);
    caller.push(atAlice - accepted);
    callee.push(atBob - accepted);
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
      await one.page.waitForTimeout(REACTION_MS);
      const [accepted, atAlice, atCallee] = await Promise.all([
        clicked(one.page, 'Answer with video'),
        shown(alice.page, one.account.id),
        shown(one.page, alice.account.id),
        one.invitationBy(alice).answerWithVideo.click(),
      ]);
      caller.push(atAlice - accepted);
      callee.push(atCallee - accepted);
    }
    await Promise.all([alice, ...callees].map((one) => one.context.close()));
  }
  console.log(`\nin a group of four, accept → first remote frame at the caller: ${median(caller)}`);
  console.log(`in a group of four, accept → first remote frame at the callee: ${median(callee)}`);
});
