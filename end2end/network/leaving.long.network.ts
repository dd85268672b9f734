import { clicked, rung } from '../figures/clock.ts';
import { both, callEachOther, until, within } from './steps.ts';
import { expect, test } from './test.ts';

/** How long somebody may take to come back who has closed the tab. */
const GRACE_MS = 10_000;

test('Bob closes his tab: the call ends when he has not come back', async ({ alice, bob }) => {
  await callEachOther(alice, bob);
  const closed = both(alice, bob).note('Bob closes his tab');
  await bob.person.page.close();
  within(GRACE_MS + 1_000, (await alice.observer.leavesCall(closed, 60_000)) - closed, 'ms until the call was over');
  await alice.person.sees(bob.person, 'Offline');
});

test('Bob’s page crashes: Alice is told at once, and the call ends', async ({ lab, alice, bob }) => {
  await callEachOther(alice, bob);
  const killed = both(alice, bob).note('Bob’s page is killed');
  await lab.killRenderers('bob');
  const told = await alice.observer.shows('the media are interrupted', killed, 30_000);
  within(2_000, told - killed, 'ms until Alice was told');
  within(20_000, (await alice.observer.leavesCall(killed, 90_000)) - killed, 'ms until the call was over');
});

test('Bob’s computer loses its power: the call ends, and nothing of him is left', async ({ lab, alice, bob }) => {
  await callEachOther(alice, bob);
  const cut = both(alice, bob).note('the link of Bob is cut');
  await lab.say('link bob cut');
  const told = await alice.observer.shows('the media are interrupted', cut, 30_000);
  within(8_000, told - cut, 'ms until Alice was told');
  within(60_000, (await alice.observer.leavesCall(cut, 120_000)) - cut, 'ms until the call was over');
  await until(cut + 90_000);
  await alice.person.sees(bob.person, 'Offline');
});

test('whoever hangs up is free at once, and be the other one gone', async ({ lab, alice, bob, aliceBrowser, person }) => {
  const carol = await person('Carol', { browser: aliceBrowser });
  await callEachOther(alice, bob);
  await carol.sees(alice.person, 'In a call');
  both(alice, bob).note('the link of Bob is cut');
  await lab.say('link bob cut');
  await alice.person.callWith(bob.person).hangUp.click();
  await expect(carol.home.contact(alice.person.name), 'what Carol sees of Alice').toContainText('Online', { timeout: 1_000 });
  const [called, rang] = await Promise.all([
    clicked(carol.page, 'Voice call'),
    rung(alice.person.page),
    carol.call(alice.person, 'voice'),
  ]);
  within(1_000, rang - called, 'ms until Carol’s call rang');
});
