import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

test('pages carry a content security policy without unsafe-inline', async ({ request }) => {
  for (const path of ['/sign-in', '/sign-up', '/no-such-page']) {
    const headers = (await request.get(path)).headers();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'self'");
    expect(policy, path).not.toContain('unsafe-inline');
    expect(policy, path).not.toContain("'unsafe-eval'");
    expect(headers['x-content-type-options'], path).toBe('nosniff');
  }
});

test('assets are compressed and may be kept forever, pages may not', async ({ page }) => {
  const kept: string[] = [];
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (!path.startsWith('/pkg/')) return;
    const headers = response.headers();
    expect(headers['content-encoding'], path).toBe('br');
    expect(headers['cache-control'], path).toContain('immutable');
    kept.push(path);
  });
  const response = await page.goto('/sign-in');
  await page.waitForLoadState('networkidle');
  expect(response?.headers()['cache-control']).toContain('no-store');
  for (const end of ['.wasm', '.js', '.css']) {
    expect(kept.some((path) => path.endsWith(end)), `one of ${kept} is ${end}`).toBe(true);
  }
});

test('an unknown address says so and leads back', async ({ page, watch }) => {
  watch.expect(/404/);
  const response = await page.goto('/no-such-page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the start' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
});

test('the site speaks Chinese to a browser that does', async ({ browser, watch }) => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  watch.context(context);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await expect(page.getByRole('button', { name: '登录' })).toBeVisible();

  // A choice wins over the browser, and is remembered.
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.goto('/sign-up');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await context.close();
});

test.describe('on a screen 360 pixels wide', () => {
  test.use({ viewport: { width: 360, height: 640 } });

  const fits = async (page: Page): Promise<void> => {
    const { content, window } = await page.evaluate(() => ({
      content: document.documentElement.scrollWidth,
      window: document.documentElement.clientWidth,
    }));
    expect(content, page.url()).toBeLessThanOrEqual(window);
  };

  test('nothing has to be scrolled sideways', async ({ page, person }) => {
    for (const path of ['/sign-in', '/sign-up']) {
      await page.goto(path);
      await fits(page);
    }
    const [alice, bob] = [await person('Alice'), await person('Bob')];
    await fits(alice.page);
    await alice.ring(bob, 'video');
    await fits(alice.page);
    await fits(bob.page);
    await expect(bob.invitationBy(alice).answerWithVideo).toBeInViewport();
    await expect(bob.invitationBy(alice).decline).toBeInViewport();
    await bob.invitationBy(alice).answerWithVideo.click();
    await expect(bob.callWith(alice).timer).toBeVisible();
    await fits(bob.page);
    await expect(bob.callWith(alice).hangUp).toBeInViewport();
  });
});
