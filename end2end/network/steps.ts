import { setTimeout as sleep } from 'node:timers/promises';
import { clicked } from '../figures/clock.ts';
import type { Host, Lab } from '../support/lab.ts';
import { connect } from '../support/person.ts';
import type { Moment } from './observer.ts';
import { expect, type Caller } from './test.ts';

/** What happens in these tests happens at certain times. */
export const until = (moment: Moment): Promise<void> => sleep(Math.max(0, moment - Date.now()));

/** Alice and Bob in a video call with media on both sides. */
export async function callEachOther(alice: Caller, bob: Caller): Promise<Moment> {
  await connect(alice.person, bob.person, 'video');
  return both(alice, bob).note('the call is on');
}

/** Somebody calls with video, and it is answered with video. When that was clicked. */
export async function answer(caller: Caller, callee: Caller): Promise<Moment> {
  await caller.person.ring(callee.person, 'video');
  await caller.person.callWith(callee.person).ringing.waitFor();
  const [answered] = await Promise.all([
    clicked(callee.person.page, 'Answer with video'),
    callee.person.invitationBy(caller.person).answerWithVideo.click(),
  ]);
  both(caller, callee).note('answered');
  return answered;
}

/** Somebody's link is cut, and whole again after this time. */
export async function cut(lab: Lab, host: Host, ms: number, ...callers: [Caller, Caller]): Promise<Interruption> {
  const from = both(...callers).note(`the link of ${host} is cut`);
  await lab.say(`link ${host} cut`);
  await until(from + ms);
  await lab.say(`link ${host} join`);
  return { from, to: both(...callers).note('the link is back') };
}

interface Interruption {
  from: Moment;
  to: Moment;
}

/** Both notes of a test. */
export const both = (one: Caller, other: Caller) => ({
  note(what: string): Moment {
    one.observer.note(what);
    return other.observer.note(what);
  },
});

/** Bob is across an ocean and at the end of a bad wireless network: his way to the server is no better than that to Alice. */
export const badLink = (lab: Lab): Promise<string> => lab.say('link bob delay 90 jitter 20 loss 5');

/**
 * What a figure may be, as a multiple of its goal. Where figures are taken the machine does nothing else. Among all the other tests
 * it may well be busy, and then only what is far off says anything.
 */
const SLACK = process.env['YODEL_LONG'] ? 1 : 4;

/** A figure: every one that is missed is reported, and not the first alone. */
export function within(goal: number, actual: number, what: string): void {
  console.log(`    ${what}: ${actual.toFixed(0)} of ${goal}`);
  expect.soft(actual, what).toBeLessThanOrEqual(goal * SLACK);
}

/** A figure that is to be no smaller. */
export function atLeast(goal: number, actual: number, what: string): void {
  console.log(`    ${what}: ${actual.toFixed(1)} of ${goal}`);
  expect.soft(actual, what).toBeGreaterThanOrEqual(goal / SLACK);
}

/** Sound and pictures arrive again, this many milliseconds after a moment at most. What does not come is awaited for a while. */
export async function expectMediaWithin(limit: number, after: Moment, ...callers: Caller[]): Promise<void> {
  const never = (): Moment => Infinity;
  const arrivals = callers.flatMap(({ person, observer }) => [
    observer.hears(after, 30_000).catch(never).then((at) => ({ at, what: `sound at ${person.name}` })),
    observer.sees(after, 30_000).catch(never).then((at) => ({ at, what: `a picture at ${person.name}` })),
  ]);
  for (const { at, what } of await Promise.all(arrivals)) within(limit, at - after, `ms to ${what}`);
}

/** The call was never off the screen, and the line to the server works: who hangs up is heard. */
export async function expectCallKept(alice: Caller, bob: Caller, since: Moment): Promise<void> {
  for (const { person, observer } of [alice, bob]) {
    expect.soft(observer.keptCall(since), `${person.name} has stayed in the call`).toBe(true);
  }
  await alice.person.callWith(bob.person).hangUp.click();
  await expect(bob.person.home.notice).toContainText(`${alice.person.name} hung up`);
}
