import type { BrowserContext, Page } from '@playwright/test';

/** What a page holds, when what it needs no more has been thrown away. */
export interface Held {
  /** Of the WebAssembly, in bytes. It never shrinks. */
  wasm: number;
  /** Objects of JavaScript, in bytes. */
  heap: number;
  /** Handlers of events. */
  listeners: number;
}

declare global {
  interface Window {
    memories: WebAssembly.Memory[];
  }
}

/** Lets {@link held} find the memory of the WebAssembly of every page of this context. */
export async function observeMemory(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.memories = [];
    const instantiate = WebAssembly.instantiateStreaming.bind(WebAssembly);
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const result = await instantiate(source, imports);
      const exported = Object.values(result.instance.exports);
      window.memories.push(...exported.filter((value) => value instanceof WebAssembly.Memory));
      return result;
    };
  });
}

/** What this page holds now. */
export async function held(page: Page): Promise<Held> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('Performance.enable');
  // What the first one finishes, the second one collects.
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN;
  await session.detach();
  const wasm = await page.evaluate(() => window.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
  return { wasm, heap: metric('JSHeapUsedSize'), listeners: metric('JSEventListeners') };
}
