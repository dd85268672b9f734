import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { audit } from '../support/audit.ts';
import { selectedPath } from '../support/media.ts';
import { connect } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

// The authority of each server is its own, and no browser of these tests trusts it.
test.use({ serverFlags: ['--lan', '--turn', '127.0.0.1:0'], ignoreHTTPSErrors: true });

test('people sign up and call each other over HTTPS', async ({ person, server }) => {
  expect(server.url).toMatch(/^https:/);
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const cookies = await alice.context.cookies();
  const session = cookies.find(({ name }) => name.endsWith('yodel_session'));
  expect(session).toMatchObject({ name: '__Host-yodel_session', secure: true, httpOnly: true });
  await connect(alice, bob, 'video');
  for (const { page } of [alice, bob]) {
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
    expect((await selectedPath(page))?.type).not.toBe('relay');
  }
});

test('whoever types http is sent to https', async ({ page, server }) => {
  await page.goto(server.url.replace('https:', 'http:'));
  await expect(page).toHaveURL(`${server.url}/sign-in`);
});

test('the authority can be fetched before it is trusted', async ({ page, server }) => {
  const expected = await readFile(join(server.folder, 'data/tls/authority.crt'), 'utf8');
  await page.goto(`${server.url.replace('https:', 'http:')}/trust`);
  await expect(page.getByRole('heading', { name: 'Trust this server' })).toBeVisible();
  await expect(page.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)).toBeVisible();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the authority' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('authority.crt');
  expect(await readFile(await download.path(), 'utf8')).toBe(expected);
  await page.getByRole('link', { name: '中文' }).click();
  await expect(page.getByRole('heading', { name: '信任此服务器' })).toBeVisible();
  await page.getByRole('link', { name: '完成：打开 Yodel' }).click();
  await expect(page).toHaveURL(`${server.url}/sign-in`);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test(`the page that says how to trust passes the audit in ${colorScheme}`, async ({ page }) => {
      for (const lang of ['en', 'zh']) {
        await page.goto(`/trust?lang=${lang}`);
        await audit(page, lang);
      }
    });
  });
}
