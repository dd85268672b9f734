import type { Page } from '@playwright/test';

/** Milliseconds since 1970, by the clock that all pages of a machine share. */
export type Moment = number;

/** When a button with this in its name is pressed. */
export const clicked = (page: Page, name: string): Promise<Moment> =>
  page.evaluate(
    (name) =>
      new Promise((resolve) => {
        addEventListener(
          'click',
          (event) => {
            const button = (event.target as Element).closest('button');
            const label = button?.getAttribute('aria-label') ?? button?.textContent ?? '';
            if (label.includes(name)) resolve(performance.timeOrigin + performance.now());
          },
          { capture: true },
        );
      }),
    name,
  );

/** When something is chosen from a list. */
export const chosen = (page: Page): Promise<Moment> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const now = () => resolve(performance.timeOrigin + performance.now());
        addEventListener('change', now, { capture: true, once: true });
      }),
  );

/** When the invitation is on the screen. */
export const rung = (page: Page): Promise<Moment> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (document.querySelector('dialog[open]')) resolve(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

/** When no invitation is on the screen any more. */
export const stopped = (page: Page): Promise<Moment> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (document.querySelector('dialog[open]')) requestAnimationFrame(look);
          else resolve(performance.timeOrigin + performance.now());
        };
        look();
      }),
  );

/** When everything that a page had of devices and connections is closed. */
export const released = (page: Page): Promise<Moment> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = (): void => {
          const { tracks, connections } = window.observed;
          const isOver =
            tracks.every(({ readyState }) => readyState === 'ended') &&
            connections.every(({ connectionState }) => connectionState === 'closed');
          if (isOver) resolve(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

/** When the first frame of somebody's picture is presented; in this color, if one is wanted. */
export const shown = (page: Page, userId: string, color?: 'Red' | 'Blue'): Promise<Moment> =>
  page.evaluate(
    ({ id, color }) =>
      new Promise((resolve) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
        const brush = canvas.getContext('2d')!;
        const isWanted = (video: HTMLVideoElement): boolean => {
          if (color === undefined) return true;
          brush.drawImage(video, 0, 0, 1, 1);
          const [red = 0, , blue = 0] = brush.getImageData(0, 0, 1, 1).data;
          return color === 'Red' ? red > 150 && blue < 100 : blue > 150 && red < 100;
        };
        const look = (): void => {
          const video = document.getElementById(id);
          if (!(video instanceof HTMLVideoElement)) return void requestAnimationFrame(look);
          video.requestVideoFrameCallback(() => {
            if (isWanted(video)) resolve(performance.timeOrigin + performance.now());
            else look();
          });
        };
        look();
      }),
    { id: `video-of-${userId}`, color },
  );

/** When somebody's picture is taken off the screen. */
export const hidden = (page: Page, userId: string): Promise<Moment> =>
  page.evaluate(
    (id) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (document.getElementById(id)?.checkVisibility()) requestAnimationFrame(look);
          else resolve(performance.timeOrigin + performance.now());
        };
        look();
      }),
    `video-of-${userId}`,
  );

export function median(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  return `median ${middle.toFixed(0)} ms of ${sorted.map((value) => value.toFixed(0)).join(', ')}`;
}
