import type { Locator, Page } from '@playwright/test';

/** The choice of people, for a group call or into a call. */
export class PeoplePicker {
  readonly dialog: Locator;
  readonly voiceCall: Locator;
  readonly videoCall: Locator;
  /** Rings those who were chosen into the call that is going on. */
  readonly call: Locator;

  constructor(page: Page) {
    this.dialog = page.getByRole('dialog', { name: /^(Whom do you want to call\?|Add people)$/ });
    this.voiceCall = this.dialog.getByRole('button', { name: 'Voice call' });
    this.videoCall = this.dialog.getByRole('button', { name: 'Video call' });
    this.call = this.dialog.getByRole('button', { name: 'Call', exact: true });
  }

  async choose(...names: string[]): Promise<void> {
    for (const name of names) await this.person(name).check();
  }

  person(name: string): Locator {
    return this.dialog.getByRole('checkbox', { name });
  }
}
