import type { Locator, Page } from '@playwright/test';

/** `/people/{id}` */
export class PersonPage {
  readonly heading: Locator;
  readonly block: Locator;
  readonly unblock: Locator;
  readonly back: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { level: 1 });
    this.block = page.getByRole('button', { name: 'Block', exact: true });
    this.unblock = page.getByRole('button', { name: 'Unblock', exact: true });
    this.back = page.getByRole('link', { name: 'Contacts' });
  }

  async open(id: string): Promise<void> {
    await this.#page.goto(`/people/${id}`);
  }
}
