import type { Page } from '@playwright/test';
import { clicked, type Moment, released, rung, stopped } from '../figures/clock.ts';
import { observeMedia } from '../support/media.ts';
import { APP_FLAGS, Calling, newUserID, talk } from '../support/sdk.ts';
import { both, callEachOther, within } from './steps.ts';
import { expect, test } from './test.ts';

test.use({ serverFlags: APP_FLAGS });

test('a shared login: all devices ring, the first answer counts, and the others stop', async ({ alice, bob, bobBrowser, person }) => {
  const tablet = await person('Bob', { browser: bobBrowser, as: bob.person });
  const rings = [rung(bob.person.page), rung(tablet.page)];
  await alice.person.ring(bob.person, 'voice');
  await Promise.all(rings);
  const [answered, atTablet] = await Promise.all([
    clicked(bob.person.page, 'Answer'),
    stopped(tablet.page),
    bob.person.invitationBy(alice.person).answer.click(),
  ]);
  within(300, atTablet - answered, 'ms until the other device had stopped');
  await expect(bob.person.callWith(alice.person).timer).toBeVisible();
  await expect(tablet.page.getByText('You are in a call on another device.')).toBeVisible();
});

test('a shared login: of two answers at once one counts', async ({ alice, bob, bobBrowser, person }) => {
  const tablet = await person('Bob', { browser: bobBrowser, as: bob.person });
  const devices = [bob.person, tablet];
  const rings = devices.map(({ page }) => rung(page));
  await alice.person.ring(bob.person, 'voice');
  await Promise.all(rings);
  const stops = devices.map(({ page }) => stopped(page));
  const at = Date.now() + 500;
  await Promise.all(devices.map(({ page }) => answerAt(page, at)));
  within(300, Math.max(...(await Promise.all(stops))) - at, 'ms until both had stopped');
  const elsewhere = ({ page }: { page: Page }) => page.getByText('You are in a call on another device.');
  await expect.poll(async () => {
    const inCall = await Promise.all(devices.map((device) => device.callWith(alice.person).timer.isVisible()));
    const not = await Promise.all(devices.map((device) => elsewhere(device).isVisible()));
    return [inCall.filter(Boolean).length, not.filter(Boolean).length];
  }, 'those in the call, and those that say that another one is').toEqual([1, 1]);
});

test('an exclusive login: the page that was there before is told at once, and its media stop', async ({ alice, bob, aliceBrowser, person }) => {
  const tablet = await person('Alice', { browser: aliceBrowser, as: alice.person });
  await callEachOther(alice, bob);
  both(alice, bob).note('Alice logs in elsewhere');
  const [over, loggedIn] = await Promise.all([released(alice.person.page), logInExclusively(tablet.page)]);
  within(1_000, (await alice.observer.shows('kicked out', loggedIn, 30_000)) - loggedIn, 'ms until Alice was told');
  within(1_000, over - loggedIn, 'ms until everything of hers was closed');
  within(1_000, (await bob.observer.leavesCall(loggedIn, 30_000)) - loggedIn, 'ms until the call was over for Bob');
  within(1_000, bob.observer.lastReceived() - loggedIn, 'ms until nothing arrived at Bob any more');
});

test('an exclusive login with the class: KICKED_OUT at once, and the media stop', async ({ aliceBrowser, bobBrowser, server, watch }) => {
  const open = async (userID: string, browser = aliceBrowser): Promise<Calling> => {
    const context = await browser.newContext();
    watch.context(context);
    await observeMedia(context);
    const calling = new Calling(userID, await context.newPage());
    await calling.open(server.url);
    await calling.make();
    return calling;
  };
  const [alice, bob] = [await open(newUserID('Alice')), await open(newUserID('Bob'), bobBrowser)];
  for (const one of [alice, bob]) await one.login();
  await talk(alice, bob, 2);
  const tablet = await open(alice.userID);
  const [told, over, asked] = await Promise.all([
    alice.page.evaluate(
      () =>
        new Promise<Moment>((resolve) =>
          window.trtcCalling.on('onKickedOut', () => resolve(performance.timeOrigin + performance.now())),
        ),
    ),
    released(alice.page),
    (async () => {
      const asked = Date.now();
      await tablet.login();
      return asked;
    })(),
  ]);
  within(1_000, told - asked, 'ms from the second login to KICKED_OUT');
  within(1_000, over - asked, 'ms until everything of the first one was closed');
  for (const { page } of [alice, bob, tablet]) await page.context().close();
});

/** Answers at this moment: sooner than a test could that looks whether it may. */
function answerAt(page: Page, at: Moment): Promise<void> {
  return page.evaluate(
    (wait) =>
      new Promise<void>((done) => {
        const [answer] = [...document.querySelectorAll('dialog[open] button')].filter(
          ({ textContent }) => textContent?.trim() === 'Answer',
        );
        setTimeout(() => {
          (answer as HTMLElement).click();
          done();
        }, wait);
      }),
    at - Date.now(),
  );
}

/** Says hello as a page of the seed API does, on a socket of its own. When that was said. */
function logInExclusively(page: Page): Promise<Moment> {
  return page.evaluate(
    () =>
      new Promise<Moment>((resolve) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`);
        const hello = { version: 1, device: '00000000000000aa', login: 'exclusive' };
        socket.onopen = () => {
          socket.send(JSON.stringify({ id: 0, command: { hello } }));
          resolve(performance.timeOrigin + performance.now());
        };
      }),
  );
}
