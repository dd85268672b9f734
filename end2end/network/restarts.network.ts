import type { Server } from '../support/server.ts';
import { atLeast, both, callEachOther, until, within } from './steps.ts';
import { expect, test } from './test.ts';

/** How long there is no server. */
const DOWN_MS = 3_000;

for (const [how, end] of [
  ['is killed', (server: Server) => server.kill()],
  ['is stopped in good order', (server: Server) => server.terminate()],
] as const) {
  test(`the server ${how} and started again: both go on talking, are told of it, and can hang up`, async ({ server, alice, bob }) => {
    const start = await callEachOther(alice, bob);
    const ended = both(alice, bob).note(`the server ${how}`);
    await end(server);
    await until(ended + DOWN_MS);
    await server.startAgain();
    const back = both(alice, bob).note('the server is there again');

    for (const { person, observer } of [alice, bob]) {
      const told = await observer.shows('the server is out of reach', ended, 30_000);
      within(1_000, told - ended, `ms until ${person.name} was told`);
      const resumed = await observer.hides('the server is out of reach', told, 30_000);
      within(5_000, resumed - back, `ms until ${person.name} was back`);
    }
    const all = both(alice, bob).note('both are back');
    // Nothing comes later: not even when the server has counted who is there.
    await until(all + 2_000);
    for (const { person, observer } of [alice, bob]) {
      within(200, observer.longestGap(ended, Date.now()), `ms without a packet of sound at ${person.name}`);
      atLeast(5, observer.pictureRate(ended, all), `pictures per second at ${person.name}`);
      // It is one's own line to the server that is lost, and not that to the other one.
      expect.soft(observer.hasShown('the media are interrupted', ended), `at ${person.name}`).toBe(false);
      expect.soft(observer.keptCall(start), `${person.name} has stayed in the call`).toBe(true);
    }

    const hungUp = both(alice, bob).note('Alice hangs up');
    await alice.person.callWith(bob.person).hangUp.click();
    within(1_000, (await bob.observer.leavesCall(hungUp, 30_000)) - hungUp, 'ms until Bob’s call was over');
    await expect(bob.person.home.notice).toContainText(`${alice.person.name} hung up`);
    await callEachOther(bob, alice);
  });
}
