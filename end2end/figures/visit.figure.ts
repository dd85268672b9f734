import type { Page } from '@playwright/test';
import { test } from '../support/test.ts';

interface Transfer {
  type: string;
  path: string;
  bytes: number;
}

/** What comes over the wire until a page rests, headers included, as the browser counts it. */
async function transfers(page: Page, path: string): Promise<Transfer[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const started = new Map<string, Omit<Transfer, 'bytes'>>();
  const finished: Transfer[] = [];
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    started.set(requestId, { type, path: new URL(response.url).pathname });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const response = started.get(requestId);
    if (response) finished.push({ ...response, bytes: encodedDataLength });
  });
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  return finished;
}

function print(title: string, finished: Transfer[]): void {
  const total = finished.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`\n${title}: ${(total / 1000).toFixed(1)} KB`);
  for (const { type, path, bytes } of finished.toSorted((a, b) => b.bytes - a.bytes)) {
    console.log(`  ${(bytes / 1000).toFixed(1).padStart(7)} KB  ${type.padEnd(10)} ${path}`);
  }
}

test('transfer of the first visit', async ({ page, person }) => {
  print('/sign-in', await transfers(page, '/sign-in'));
  const alice = await person('Alice');
  print('/ (signed in)', await transfers(alice.page, '/'));
});
