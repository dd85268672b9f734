import type { Locator, Page } from '@playwright/test';

/** The screen of a call of several people. */
export class GroupCallScreen {
  readonly screen: Locator;
  readonly timer: Locator;
  readonly hangUp: Locator;
  readonly add: Locator;

  constructor(page: Page) {
    this.screen = page.getByRole('main');
    this.timer = this.screen.getByRole('timer');
    this.hangUp = this.screen.getByRole('button', { name: 'Hang up' });
    this.add = this.screen.getByRole('button', { name: 'Add', exact: true });
  }

  /** Somebody's tile. */
  tile(name: string): Locator {
    return this.screen.locator('.tile').filter({ hasText: name });
  }

  /** Somebody's picture. */
  picture(name: string): Locator {
    return this.screen.getByLabel(name, { exact: true });
  }
}
