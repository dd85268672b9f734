import { Line } from '../support/line.ts';
import { expectAudio } from '../support/media.ts';
import { held, observeMemory } from '../support/memory.ts';
import { connect, type Person } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

/** When it is looked at what a page holds: when all that is held for good is there, and in the end. */
const [EARLY, LATE] = [50, 500];

test(`in a call, the socket is lost ${LATE} times: memory does not grow`, async ({ person, server, watch }) => {
  // Of a line that is cut, browsers say so.
  watch.expect(/net::ERR_|WebSocket connection to .* failed/);
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const line = await Line.to(server);
  for (const { context } of [alice, bob]) await observeMemory(context);
  await countSockets(alice);
  await alice.page.goto(line.url);
  await bob.page.reload();
  await connect(alice, bob, 'voice');

  const looks = [];
  for (let loss = 1; loss <= LATE; loss += 1) {
    line.cut();
    line.mend();
    await comeBack(alice);
    if (loss === EARLY || loss === LATE) looks.push([await held(alice.page), await held(bob.page)]);
  }
  const [early = [], late = []] = looks;
  for (const [at, { name }] of [alice, bob].entries()) {
    const [before, after] = [early[at]!, late[at]!];
    console.log(`    ${name}: ${JSON.stringify(before)} after ${EARLY}, ${JSON.stringify(after)} after ${LATE}`);
    expect(before.wasm, `WebAssembly of ${name}, in bytes`).toBeGreaterThan(0);
    expect(after.wasm, `WebAssembly of ${name}, in bytes`).toBe(before.wasm);
    // The browser's own notes grow a little. A socket with its handlers would be more than that.
    expect((after.heap - before.heap) / (LATE - EARLY), `objects of ${name}, in bytes a loss`).toBeLessThan(400);
    expect(after.listeners, `handlers of ${name}`).toBeLessThanOrEqual(before.listeners);
  }

  for (const { page } of [alice, bob]) await expectAudio(page);
  await alice.callWith(bob).hangUp.click();
  await expect(bob.home.notice).toContainText(`${alice.name} hung up`);
  line.close();
});

declare global {
  interface Window {
    /** The newest socket, and whether the server has greeted on it. */
    socket: { raw: WebSocket; greeted: boolean };
  }
}

/** Lets {@link comeBack} see the sockets of a page. */
async function countSockets({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    window.WebSocket = new Proxy(window.WebSocket, {
      construct(target, args, newTarget) {
        const raw = Reflect.construct(target, args, newTarget) as WebSocket;
        const socket = { raw, greeted: false };
        raw.addEventListener('message', () => (socket.greeted = true), { once: true });
        window.socket = socket;
        return raw;
      },
    });
  });
}

/**
 * Waits until a page has noticed that its socket is lost, lets it try again at once, as it does when it is shown again, and
 * waits until the server has greeted it.
 */
async function comeBack({ page }: Person): Promise<void> {
  await page.evaluate(async () => {
    const until = (condition: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => void (condition() ? resolve() : setTimeout(look, 1));
        look();
      });
    const lost = window.socket;
    await until(() => lost.raw.readyState === WebSocket.CLOSED);
    await until(() => {
      if (window.socket === lost) dispatchEvent(new Event('pageshow'));
      return window.socket !== lost && window.socket.greeted;
    });
  });
}
