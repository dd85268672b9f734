import { SignInPage, SignUpPage } from '../pages/accounts.ts';
import { HomePage } from '../pages/home.ts';
import { expect, test } from '../support/test.ts';

test('a visitor is sent to sign in, signs up, signs out and signs in', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await new SignInPage(page).signUp.click();
  await expect(page).toHaveURL(/\/sign-up/);
  await new SignUpPage(page).signUp({ id: 'dora', name: 'Dora', password: 'correct horse' });
  const home = new HomePage(page);
  await expect(home.heading).toBeVisible();
  await expect(page).toHaveURL('/');

  await home.signOut.click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await new SignInPage(page).signIn('dora', 'correct horse');
  await expect(home.heading).toBeVisible();
});

test('a wrong password and an unknown user get the same answer', async ({ page, person, watch }) => {
  watch.expect(/status of 401/);
  const alice = await person('Alice');
  const form = new SignInPage(page);
  const answers: (string | null)[] = [];
  for (const userId of [alice.account.id, 'nobody-at-all']) {
    await form.open();
    await form.signIn(userId, 'not the password');
    await expect(form.problem).toContainText('The user ID or the password is wrong.');
    answers.push(await form.problem.textContent());
    await expect(form.userId, 'what was typed is kept').toHaveValue(userId);
  }
  expect(answers[0]).toBe(answers[1]);
});

test('what is wrong with a new account is said beside what was typed', async ({ page, person, watch }) => {
  watch.expect(/status of (409|422)/);
  const alice = await person('Alice');
  const form = new SignUpPage(page);
  const good = { id: 'newcomer', name: 'New Comer', password: 'correct horse' };
  const wrong = [
    [{ ...good, id: alice.account.id }, 'This user ID is taken.'],
    [{ ...good, id: 'new comer' }, 'A user ID is made of the letters'],
    [{ ...good, id: 'n'.repeat(33) }, 'This user ID is too long.'],
    [{ ...good, name: 'n'.repeat(65) }, 'This name is too long.'],
    [{ ...good, password: 'short' }, 'The password needs at least 8 characters.'],
  ] as const;
  for (const [account, problem] of wrong) {
    await form.open();
    await form.signUp(account);
    await expect(form.problem).toContainText(problem);
    await expect(form.userId).toHaveValue(account.id);
    await expect(form.name).toHaveValue(account.name);
  }
});

test('signing out in one tab tells the other tabs', async ({ person }) => {
  const alice = await person('Alice');
  const second = await alice.openTab();
  await alice.home.signOut.click();
  await expect(second.getByText('You are signed out').or(second.getByLabel('Password'))).toBeVisible();
});

test('people who sign up appear in the list by themselves, and can be searched', async ({ person }) => {
  const alice = await person('Alice');
  const bob = await person('Bob');
  await alice.sees(bob, 'Online');
  await alice.home.search.fill(bob.name);
  await expect(alice.home.voiceCall(bob.name)).toBeVisible();
  // By a part of the name or of the id, in whatever case.
  await alice.home.search.fill(` ${bob.name.slice(1).toUpperCase()} `);
  await expect(alice.home.voiceCall(bob.name)).toBeVisible();
  await alice.home.search.fill(bob.account.id.slice(1).toUpperCase());
  await expect(alice.home.voiceCall(bob.name)).toBeVisible();
  await alice.home.search.fill('nobody has this name');
  await expect(alice.page.getByText('Nobody found')).toBeVisible();
});

test('a name with signs of HTML and JavaScript harms nobody', async ({ person }) => {
  const alice = await person('Alice');
  for (const name of ['I <3 calls', '</script><img src=x>', '"\\u003c\\0', 'x'.repeat(56)]) {
    const bob = await person(name);
    await alice.page.reload();
    await expect(alice.home.voiceCall(bob.name)).toBeEnabled();
  }
});
