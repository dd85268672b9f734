import { SignInPage, SignUpPage } from '../pages/accounts.ts';
import { GroupPage, NewGroupPage } from '../pages/groups.ts';
import { HomePage } from '../pages/home.ts';
import { PersonPage } from '../pages/people.ts';
import { expect, test } from '../support/test.ts';

// This project runs with JavaScript off: the pages are what the server sends, and the forms are plain forms.

test('sign up, sign out and sign in work without JavaScript', async ({ page }) => {
  const form = new SignUpPage(page);
  await form.open();
  await form.signUp({ id: 'plain', name: 'Plain Person', password: 'correct horse' });
  const home = new HomePage(page);
  await expect(home.heading).toBeVisible();
  expect(await page.content()).toContain('Calling needs JavaScript.');

  await home.signOut.click();
  const signIn = new SignInPage(page);
  await expect(signIn.submit).toBeVisible();
  await signIn.signIn('plain', 'correct horse');
  await expect(home.heading).toBeVisible();
});

test('a failed sign-in says why and keeps the user id, not the password', async ({ page }) => {
  const form = new SignInPage(page);
  await form.open();
  await form.signIn('somebody', 'not the password');
  await expect(form.problem).toContainText('The user ID or the password is wrong.');
  await expect(form.userId).toHaveValue('somebody');
  await expect(form.password).toHaveValue('');
  expect(page.url()).not.toContain('not+the+password');
});

test('a failed sign-up says why and keeps id and name', async ({ page }) => {
  const form = new SignUpPage(page);
  const account = { id: 'twice', name: 'Twice Over', password: 'correct horse' };
  await form.open();
  await form.signUp(account);
  const home = new HomePage(page);
  await home.signOut.click();

  await form.open();
  await form.signUp(account);
  await expect(form.problem).toContainText('This user ID is taken.');
  await expect(form.userId).toHaveValue('twice');
  await expect(form.name).toHaveValue('Twice Over');
  await expect(form.password).toHaveValue('');
});

test('people can be searched without JavaScript', async ({ page, browser, watch }) => {
  const form = new SignUpPage(page);
  await form.open();
  await form.signUp({ id: 'findme', name: 'Find Me', password: 'correct horse' });

  const context = await browser.newContext();
  watch.context(context);
  const other = await context.newPage();
  const second = new SignUpPage(other);
  await second.open();
  await second.signUp({ id: 'seeker', name: 'Seeker', password: 'correct horse' });
  const home = new HomePage(other);
  await home.search.fill('findme');
  await other.getByRole('button', { name: 'Search' }).click();
  await expect(other.getByText('Find Me')).toBeVisible();
  await home.search.fill('no such person');
  await other.getByRole('button', { name: 'Search' }).click();
  await expect(other.getByText('Nobody found')).toBeVisible();
  await context.close();
});

test('the language can be changed without JavaScript', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: '中文' }).click();
  await expect(page.getByRole('button', { name: '登录' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
});

test('a group is made and left without JavaScript', async ({ page, browser, watch }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  watch.context(context);
  const other = await context.newPage();
  const second = new SignUpPage(other);
  await second.open();
  await second.signUp({ id: 'member', name: 'Member', password: 'correct horse' });
  await context.close();
  const form = new SignUpPage(page);
  await form.open();
  await form.signUp({ id: 'founder', name: 'Founder', password: 'correct horse' });

  const home = new HomePage(page);
  const made = new NewGroupPage(page);
  await made.make('Kitchen');
  await expect(made.problem).toContainText('Choose at least one person.');
  await expect(made.name).toHaveValue('Kitchen');
  await made.person('Member').check();
  await made.create.click();
  await expect(home.group('Kitchen')).toContainText('Member');

  await home.group('Kitchen').getByRole('link').click();
  const group = new GroupPage(page);
  await group.leave.click();
  await group.leaveReally.click();
  await expect(home.heading).toBeVisible();
  await expect(home.group('Kitchen')).toBeHidden();
});

test('somebody is blocked and unblocked without JavaScript', async ({ page, browser, watch }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  watch.context(context);
  const other = await context.newPage();
  const second = new SignUpPage(other);
  await second.open();
  await second.signUp({ id: 'pest', name: 'Pest', password: 'correct horse' });
  await context.close();
  const form = new SignUpPage(page);
  await form.open();
  await form.signUp({ id: 'quiet', name: 'Quiet', password: 'correct horse' });

  await page.getByRole('link', { name: 'Pest' }).click();
  const person = new PersonPage(page);
  await person.block.click();
  await person.unblock.click();
  await expect(person.block).toBeVisible();
  await person.back.click();
  await expect(new HomePage(page).heading).toBeVisible();
});
