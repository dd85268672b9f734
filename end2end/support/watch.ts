import type { BrowserContext, ConsoleMessage } from '@playwright/test';

/**
 * Everything that a page complains about. A test fails if anything is left here at its end: console errors, exceptions,
 * violations of the content security policy (Chromium reports them as console errors, Firefox as exceptions), and any word of
 * hydration.
 */
export class Watch {
  readonly problems: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Watches every page of this context. */
  context(context: BrowserContext): void {
    context.on('console', (message) => this.#console(message));
    context.on('weberror', (error) => this.#report(`exception: ${error.error().stack ?? error.error().message}`));
  }

  /** This complaint belongs to what the test does, such as the answer 404 to a page that is not there. */
  expect(complaint: RegExp): void {
    this.#expected.push(complaint);
  }

  #console(message: ConsoleMessage): void {
    if (message.type() === 'error' || /hydrat/i.test(message.text())) {
      this.#report(`console.${message.type()}: ${message.text()} (${message.location().url})`);
    }
  }

  #report(problem: string): void {
    if (!this.#expected.some((complaint) => complaint.test(problem))) this.problems.push(problem);
  }
}
