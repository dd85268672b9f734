import { expectAllReleased } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

test.use({ serverFlags: ['--ring-seconds', '2'] });

test('nobody answers: the caller is told, and the callee has missed a call', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'voice');
  await expect(alice.home.notice).toContainText(`${bob.name} did not answer`);
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expect(bob.home.notice).toContainText(`You missed a call from ${alice.name}`);
  await expectAllReleased(alice.page);
});

test('nobody is there: the call times out all the same', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.sees(bob, 'Online');
  await bob.page.close();
  await alice.sees(bob, 'Offline');
  await alice.call(bob, 'voice');
  await expect(alice.home.notice).toContainText(`${bob.name} did not answer`);

  bob.page = await bob.openTab();
  await expect(bob.page.getByText('Missed')).toBeVisible();
});
