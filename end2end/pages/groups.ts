import type { Locator, Page } from '@playwright/test';

/** `/groups/new` */
export class NewGroupPage {
  readonly name: Locator;
  readonly create: Locator;
  readonly problem: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.name = page.getByLabel('Name of the group');
    this.create = page.getByRole('button', { name: 'Create group' });
    this.problem = page.getByRole('alert');
  }

  person(name: string): Locator {
    return this.#page.getByRole('checkbox', { name });
  }

  /** Comes from the home page, and leads back to it. */
  async make(name: string, ...people: string[]): Promise<void> {
    await this.#page.getByRole('link', { name: 'New group' }).click();
    await this.name.fill(name);
    for (const person of people) await this.person(person).check();
    await this.create.click();
  }
}

/** `/groups/{id}` */
export class GroupPage {
  readonly heading: Locator;
  readonly members: Locator;
  readonly name: Locator;
  readonly rename: Locator;
  readonly add: Locator;
  readonly back: Locator;
  readonly leave: Locator;
  readonly leaveReally: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { level: 1 });
    this.members = page.getByRole('list', { name: 'Who is in it' });
    this.name = page.getByLabel('Name of the group');
    this.rename = page.getByRole('button', { name: 'Rename' });
    this.add = page.getByRole('button', { name: 'Add to the group' });
    this.back = page.getByRole('link', { name: 'Contacts' });
    this.leave = page.getByText('Leave group');
    this.leaveReally = page.getByRole('button', { name: 'Yes, leave' });
  }

  person(name: string): Locator {
    return this.#page.getByRole('checkbox', { name });
  }
}
