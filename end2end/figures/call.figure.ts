import type { Page } from '@playwright/test';
import { test } from '../support/test.ts';

const ROUNDS = 10;

/** Milliseconds since 1970, by the clock that all pages of a machine share. */
const clicked = (page: Page, name: string): Promise<number> =>
  page.evaluate(
    (name) =>
      new Promise((resolve) => {
        addEventListener(
          'click',
          (event) => {
            const button = (event.target as Element).closest('button');
            const label = button?.getAttribute('aria-label') ?? button?.textContent ?? '';
            if (label.includes(name)) resolve(performance.timeOrigin + performance.now());
          },
          { capture: true },
        );
      }),
    name,
  );

/** When the invitation is on the screen. */
const rung = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (document.querySelector('dialog[open]')) resolve(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

/** When the first frame of somebody's picture is presented. */
const shown = (page: Page, userId: string): Promise<number> =>
  page.evaluate(
    (id) =>
      new Promise((resolve) => {
        const look = (): void => {
          const video = document.getElementById(id);
          if (!(video instanceof HTMLVideoElement)) requestAnimationFrame(look);
          else video.requestVideoFrameCallback(() => resolve(performance.timeOrigin + performance.now()));
        };
        look();
      }),
    `video-of-${userId}`,
  );

function median(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  return `median ${middle.toFixed(0)} ms of ${sorted.map((value) => value.toFixed(0)).join(', ')}`;
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
