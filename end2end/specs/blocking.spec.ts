import { PersonPage } from '../pages/people.ts';
import { expect, test } from '../support/test.ts';

test('whoever is blocked finds the other offline and reaches nobody, until the block is taken back', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.sees(bob, 'Online');
  await bob.home.contact(alice.name).getByRole('link', { name: alice.name }).click();
  const page = new PersonPage(bob.page);
  await expect(page.heading).toHaveText(alice.name);
  await page.block.click();
  await expect(page.unblock).toBeVisible();
  await page.back.click();
  await bob.sees(alice, 'Blocked');
  await alice.sees(bob, 'Offline');

  await alice.call(bob, 'voice');
  await expect(alice.callWith(bob).calling).toBeVisible();
  // Bob's own call is answered after whatever he had to hear of hers.
  await bob.call(alice, 'voice');
  await expect(bob.home.notice).toContainText('You have blocked');
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expect(alice.callWith(bob).calling).toBeVisible();

  await bob.home.contact(alice.name).getByRole('link', { name: alice.name }).click();
  await page.unblock.click();
  await expect(page.block).toBeVisible();
  await page.back.click();
  // She is calling still, so now it rings; and she sees him again.
  await expect(bob.invitationBy(alice).dialog).toBeVisible();
  await expect(alice.callWith(bob).ringing).toBeVisible();
  await bob.invitationBy(alice).decline.click();
  await expect(alice.home.notice).toContainText(`${bob.name} declined the call`);
  await alice.sees(bob, 'Online');
});

test('a block silences a call that rings, and leaves one that is going on alone', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const page = new PersonPage(await bob.context.newPage());
  await page.open(alice.account.id);
  await alice.ring(bob, 'voice');
  await page.block.click();
  await expect(page.unblock).toBeVisible();
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expect(alice.callWith(bob).ringing, 'nothing has changed for her').toBeVisible();

  await page.unblock.click();
  await bob.invitationBy(alice).answer.click();
  await expect(alice.callWith(bob).timer).toBeVisible();
  await page.block.click();
  await expect(page.unblock).toBeVisible();
  await bob.callWith(alice).hangUp.click();
  await expect(alice.home.notice).toContainText(`${bob.name} hung up`);
  await alice.sees(bob, 'Offline');
});
