import { expectAudio, expectVideo } from '../support/media.ts';
import { connect, type Person } from '../support/person.ts';
import type { Server } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const lost = ({ page }: Person) => page.getByText('The server is out of reach.').filter({ visible: true }).first();

for (const [how, end] of [
  ['is killed', (server: Server) => server.kill()],
  ['is stopped in good order', (server: Server) => server.terminate()],
] as const) {
  test(`the server ${how} during a call and started again: the call goes on`, async ({ server, person, watch }) => {
    // Of a server that is gone, browsers say so.
    watch.expect(/net::ERR_|WebSocket connection to .* failed/);
    const [alice, bob] = [await person('Alice'), await person('Bob')];
    await connect(alice, bob, 'video');
    const goesOn = (one: Person, other: Person) =>
      Promise.all([expectAudio(one.page), expectVideo(one.page), expect(one.callWith(other).timer).toBeVisible()]);
    await end(server);
    for (const one of [alice, bob]) await expect(lost(one)).toBeVisible();
    await Promise.all([goesOn(alice, bob), goesOn(bob, alice)]);
    await server.startAgain();
    // The longer it has been away, the more rarely a page tries.
    for (const one of [alice, bob]) await expect(lost(one)).toBeHidden({ timeout: 30_000 });
    await Promise.all([goesOn(alice, bob), goesOn(bob, alice)]);
    await bob.callWith(alice).hangUp.click();
    await expect(alice.home.notice).toContainText(`${bob.name} hung up`);
    await connect(bob, alice, 'voice');
  });
}
