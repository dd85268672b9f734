import { inflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { Api } from 'tls-sig-api-v2';
import { yodel } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const APP = { id: 1400000001, secret: '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f' };
const apps = ['--apps', `${APP.id}:${APP.secret}`];
const generator = new Api(APP.id, APP.secret);

test.use({ serverFlags: [...apps, '--origins', 'http://shop.localhost'] });

/** Opens the SDK's socket from a page, as a client in JSON does: who is welcomed, or the code with which it is closed. */
async function logIn(page: Page, server: string, userID: string, userSig: string): Promise<string | number> {
  return page.evaluate(
    ({ url, subprotocols }) =>
      new Promise<string | number>((done) => {
        const socket = new WebSocket(url, subprotocols);
        const hello = { version: 1, device: '00000000000000a1', login: 'exclusive' };
        socket.onopen = () => socket.send(JSON.stringify({ id: 0, command: { hello } }));
        socket.onmessage = ({ data }) => {
          done(JSON.parse(data as string).welcomed?.user ?? 'not welcomed');
          socket.close();
        };
        socket.onclose = ({ code }) => done(code);
      }),
    {
      url: `${server.replace('http', 'ws')}/sdk/ws`,
      subprotocols: ['yodel.json.v1', `yodel.usersig.${APP.id}.${userID}.${userSig}`],
    },
  );
}

/** What a userSig says. */
function read(userSig: string): Record<string, string | number> {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  return JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString());
}

test('a userSig of the public generator lets its user in', async ({ page, server }) => {
  await page.goto('/sign-in');
  expect(await logIn(page, server.url, 'alice', generator.genUserSig('alice', 60))).toBe('alice');
});

test('a page is told by a close code why a userSig does not', async ({ page, server }) => {
  await page.goto('/sign-in');
  const good = generator.genUserSig('alice', 60);
  const guessed = new Api(APP.id, 'guessed').genUserSig('alice', 60);
  for (const [userID, userSig, code] of [
    ['alice', good.slice(0, 40), 4422],
    ['alice', guessed, 4423],
    ['bob', good, 4424],
    ['alice', generator.genUserSig('alice', 0), 4425],
  ] as const) {
    expect(await logIn(page, server.url, userID, userSig), `${userID} ${userSig}`).toBe(code);
  }
});

test('pages of other sites may log in only if the operator has listed them', async ({ page, server }) => {
  await page.route(/^http:\/\/\w+\.localhost\//, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><link rel="icon" href="data:,"><title>Shop</title>' }),
  );
  const userSig = generator.genUserSig('carol', 60);
  await page.goto('http://shop.localhost/');
  expect(await logIn(page, server.url, 'carol', userSig)).toBe('carol');
  await page.goto('http://other.localhost/');
  expect(await logIn(page, server.url, 'carol', userSig)).toBe(4427);
});

test('yodel usersig signs as the public generator does', async ({ page, server }) => {
  const userSig = await yodel(...apps, 'usersig', '--user', 'alice', '--expire', '30m');
  const said = read(userSig);
  expect(said).toMatchObject({ 'TLS.ver': '2.0', 'TLS.identifier': 'alice', 'TLS.sdkappid': APP.id, 'TLS.expire': 1800 });
  expect(said['TLS.sig']).toBe(generator._hmacsha256('alice', Number(said['TLS.time']), 1800, null));
  await page.goto('/sign-in');
  expect(await logIn(page, server.url, 'alice', userSig)).toBe('alice');
});
