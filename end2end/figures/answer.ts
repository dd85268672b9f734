import type { Person } from '../support/person.ts';
import { clicked, shown } from './clock.ts';

/** Nobody answers sooner than this after it has begun to ring. */
const REACTION_MS = 1_000;

/** Answers with video. How long it takes from the click to the first frame at either side. */
export async function answer(callee: Person, caller: Person): Promise<{ caller: number; callee: number }> {
  await callee.page.waitForTimeout(REACTION_MS);
  const [accepted, atCaller, atCallee] = await Promise.all([
    clicked(callee.page, 'Answer with video'),
    shown(caller.page, callee.account.id),
    shown(callee.page, caller.account.id),
    callee.invitationBy(caller).answerWithVideo.click(),
  ]);
  return { caller: atCaller - accepted, callee: atCallee - accepted };
}
