import type { Locator, Page } from '@playwright/test';

/** `/sdk/demo` */
export class DemoPage {
  readonly logIn: Locator;
  readonly logOut: Locator;
  readonly people: Locator;
  readonly call: Locator;
  readonly hangUp: Locator;
  readonly microphone: Locator;
  readonly camera: Locator;
  readonly said: Locator;
  readonly tiles: Locator;
  readonly log: Locator;
  readonly invitation: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    this.logIn = button('Log in');
    this.logOut = button('Log out');
    this.people = page.getByLabel('Whom');
    this.call = button('Call');
    this.hangUp = button('Hang up');
    this.microphone = page.getByRole('group', { name: 'In the call' }).getByRole('button', { name: 'Microphone' });
    this.camera = page.getByRole('group', { name: 'In the call' }).getByRole('button', { name: 'Camera' });
    this.said = page.getByRole('status');
    this.tiles = page.getByRole('list', { name: 'People in the call' }).getByRole('listitem');
    this.log = page.getByRole('list', { name: 'Log' });
    this.invitation = page.getByRole('alertdialog');
  }

  /** Opens the link that `yodel usersig --link` prints. */
  async open(fields: { SDKAppID: number; userID: string; userSig: string }): Promise<void> {
    const { SDKAppID, userID, userSig } = fields;
    const fragment = new URLSearchParams({ SDKAppID: `${SDKAppID}`, userID, userSig });
    await this.#page.goto(`/sdk/demo#${fragment}`);
  }

  tile(userID: string): Locator {
    return this.tiles.filter({ hasText: userID });
  }
}
