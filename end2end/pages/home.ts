import type { Locator, Page } from '@playwright/test';

/** `/`, signed in: people, past calls, and what is said of the last call. */
export class HomePage {
  readonly heading: Locator;
  readonly search: Locator;
  readonly groupCall: Locator;
  readonly signOut: Locator;
  /** What the page has to tell: how the last call ended, or why nothing came of a click. */
  readonly notice: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { name: 'Contacts' });
    this.search = page.getByLabel('Search people');
    this.groupCall = page.getByRole('button', { name: 'Group call' });
    this.signOut = page.getByRole('button', { name: 'Sign out' });
    this.notice = page.getByRole('button', { name: 'Dismiss' }).locator('..');
  }

  async open(): Promise<void> {
    await this.#page.goto('/');
  }

  /** Somebody in the list of contacts. */
  contact(name: string): Locator {
    const call = this.#page.getByRole('button', { name: `Voice call with ${name}`, exact: true });
    return this.#page.getByRole('listitem').filter({ has: call });
  }

  voiceCall(name: string): Locator {
    return this.#page.getByRole('button', { name: `Voice call with ${name}`, exact: true });
  }

  videoCall(name: string): Locator {
    return this.#page.getByRole('button', { name: `Video call with ${name}`, exact: true });
  }

  /** A group, by its name; also one that the page has only just heard of. */
  group(name: string): Locator {
    return this.#page.getByRole('region', { name: 'Groups' }).getByRole('listitem').filter({ hasText: name });
  }

  /** Enters the running call of a group. */
  join(group: string): Locator {
    return this.#page.getByRole('button', { name: `Join call of ${group}`, exact: true });
  }
}
