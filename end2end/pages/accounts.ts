import type { Locator, Page } from '@playwright/test';

/** Somebody who has an account, or is about to have one. */
export interface Account {
  id: string;
  name: string;
  password: string;
}

/** `/sign-in` */
export class SignInPage {
  readonly userId: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly problem: Locator;
  readonly signUp: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.userId = page.getByLabel('User ID');
    this.password = page.getByLabel('Password');
    this.submit = page.getByRole('button', { name: 'Sign in' });
    this.problem = page.getByRole('alert');
    this.signUp = page.getByRole('link', { name: 'Create account' });
  }

  async open(): Promise<void> {
    await this.#page.goto('/sign-in');
  }

  async signIn(userId: string, password: string): Promise<void> {
    await this.userId.fill(userId);
    await this.password.fill(password);
    await this.submit.click();
  }
}

/** `/sign-up` */
export class SignUpPage {
  readonly userId: Locator;
  readonly name: Locator;
  readonly password: Locator;
  readonly submit: Locator;
  readonly problem: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.userId = page.getByLabel('User ID');
    this.name = page.getByLabel('Your name');
    this.password = page.getByLabel('Password');
    this.submit = page.getByRole('button', { name: 'Create account' });
    this.problem = page.getByRole('alert');
  }

  async open(): Promise<void> {
    await this.#page.goto('/sign-up');
  }

  async signUp(account: Account): Promise<void> {
    await this.userId.fill(account.id);
    await this.name.fill(account.name);
    await this.password.fill(account.password);
    await this.submit.click();
  }
}
