import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expectVideo, observeMedia } from '../support/media.ts';
import { expectPlaying, Person } from '../support/person.ts';
import { Server } from '../support/server.ts';
import { expect, test as base } from '../support/test.ts';
import { ALICE, BOB, sitBeforeCamera } from './portrait.ts';

const PICTURES = resolve(import.meta.dirname, '../../docs/pictures');
const MORE_PICTURES = resolve(import.meta.dirname, '../../target/end2end/pictures');

/** The pictures that the README shows. */
const README = ['call', 'contacts-dark', 'invitation', 'phone-zh'];

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const folder = README.includes(name) ? PICTURES : MORE_PICTURES;
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'allow' });
}

const others = [
  ['carol', 'Carol'],
  ['front-desk', 'Front desk'],
  ['kitchen', 'Kitchen'],
  ['library', 'Library'],
  ['meeting-room', '会议室'],
  ['workshop', 'Workshop'],
] as const;

/** A server for one series of pictures: whoever is in it must not be in the next one. */
const test = base.extend<{ emptyServer: Server }>({
  emptyServer: async ({}, use) => {
    const server = await Server.start([]);
    await use(server);
    await server.stop();
  },
});

for (const [form, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const locale of ['en', 'zh'] as const) {
      test(`${form} ${colorScheme} ${locale}`, async ({ browser, emptyServer: server, watch }) => {
        watch.expect(/status of 401/);
        const open = async (id: string, name: string): Promise<Person> => {
          const context = await browser.newContext({
            baseURL: server.url,
            viewport,
            colorScheme,
            locale: locale === 'zh' ? 'zh-CN' : 'en-US',
          });
          await sitBeforeCamera(context, id === 'alice' ? ALICE : BOB);
          await observeMedia(context);
          return new Person({ id, name, password: 'correct horse' }, context, await context.newPage());
        };
        const tag = `${form}-${colorScheme}-${locale}`;
        const name = (state: string): string => {
          if (tag === 'desktop-light-en' && (state === 'call' || state === 'invitation')) return state;
          if (tag === 'desktop-dark-en' && state === 'contacts') return 'contacts-dark';
          if (tag === 'phone-light-zh' && state === 'call') return 'phone-zh';
          return `${tag}-${state}`;
        };
        const enter = async ({ page, account }: Person): Promise<void> => {
          await page.goto('/sign-up');
          await page.locator('[name=user_id]').fill(account.id);
          await page.locator('[name=name]').fill(account.name);
          await page.locator('[name=password]').fill(account.password);
          await page.locator('button.primary').click();
          await expect(page.locator('[name=q]')).toBeVisible();
        };

        const alice = await open('alice', 'Alice');
        await alice.page.goto('/sign-in');
        await take(alice.page, name('sign-in'));
        await alice.page.locator('[name=user_id]').fill('alice');
        await alice.page.locator('[name=password]').fill('not the password');
        await alice.page.locator('button.primary').click();
        await expect(alice.page.getByRole('alert').first()).not.toBeEmpty();
        await take(alice.page, name('sign-in-failed'));
        await alice.page.goto('/sign-up');
        await take(alice.page, name('sign-up'));

        // More people and places, so that the list is a list; two of them are there.
        const bob = await open('bob', 'Bob');
        for (const [index, [id, other]] of others.entries()) {
          const one = await open(id, other);
          await enter(one);
          if (index % 3 !== 0) await one.context.close();
        }
        await enter(bob);
        await enter(alice);
        const contact = alice.page.getByRole('listitem').filter({ hasText: '@bob' });
        const [voice, video] = [contact.getByRole('button').first(), contact.getByRole('button').last()];
        await expect(voice).toBeEnabled();
        await take(alice.page, name('contacts'));

        await video.click();
        const dialog = bob.page.getByRole('dialog');
        await expect(dialog).toBeVisible();
        await expect(alice.page.getByLabel(/^(You|你)$/)).toBeVisible();
        await take(alice.page, name('calling'));
        await take(bob.page, name('invitation'));
        await dialog.getByRole('button').last().click();
        for (const one of [alice, bob]) await expectVideo(one.page);
        await expectPlaying(alice.page.locator('#video-of-bob'));
        await expect(alice.page.getByRole('timer')).not.toHaveText('0:00');
        await take(alice.page, name('call'));

        const controls = alice.page.getByRole('main').getByRole('button', { pressed: true });
        await controls.last().click();
        await bob.page.getByRole('main').getByRole('button', { pressed: true }).first().click();
        await expect(alice.page.getByText(/^(Muted|已静音)$/)).toBeVisible();
        await take(alice.page, name('camera-off'));
        await alice.page.locator('button.leave').last().click();
        await expect(alice.page.locator('.notice')).toBeVisible();
        await take(alice.page, name('after-the-call'));
        for (const one of [alice, bob]) await one.context.close();
      });
    }
  }
}
