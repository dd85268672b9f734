import { callAll, type Person } from '../support/person.ts';
import { test } from '../support/test.ts';
import { clicked, median, rung, shown } from './clock.ts';

const ROUNDS = 10;
/** Nobody answers sooner than this after it has begun to ring. */
const REACTION_MS = 1_000;

/** Answers with video. How long it takes from the click to the first frame at either side. */
async function answer(callee: Person, caller: Person): Promise<{ caller: number; callee: number }> {
  await callee.page.waitForTimeout(REACTION_MS);
  const [accepted, atCaller, atCallee] = await Promise.all([
    clicked(callee.page, 'Answer with video'),
    shown(caller.page, callee.account.id),
    shown(callee.page, caller.account.id),
    callee.invitationBy(caller).answerWithVideo.click(),
  ]);
  return { caller: atCaller - accepted, callee: atCallee - accepted };
}

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
