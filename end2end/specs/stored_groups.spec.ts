import { GroupPage, NewGroupPage } from '../pages/groups.ts';
import { expectMediaFromEach } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

test('a group is made, renamed, enlarged and left', async ({ person }) => {
  const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
  await alice.home.open();
  await new NewGroupPage(alice.page).make('Kitchen', bob.name);
  await expect(alice.home.group('Kitchen')).toContainText(bob.name);
  // Pages that are open show it by themselves.
  await expect(bob.home.group('Kitchen')).toContainText(alice.name);

  await alice.home.group('Kitchen').getByRole('link').click();
  const page = new GroupPage(alice.page);
  await page.name.fill('Library');
  await page.rename.click();
  await expect(page.heading).toHaveText('Library');
  await page.person(carol.name).check();
  await page.add.click();
  await expect(page.members).toContainText(carol.name);
  await page.back.click();
  await expect(alice.home.group('Library')).toContainText(`${bob.name}, ${carol.name}`);

  for (const one of [bob, carol]) await expect(one.home.group('Library')).toContainText(alice.name);
  await expect(bob.home.group('Library')).toContainText(carol.name);
  await expect(bob.home.group('Kitchen')).toBeHidden();

  await carol.home.group('Library').getByRole('link').click();
  const hers = new GroupPage(carol.page);
  await hers.leave.click();
  await hers.leaveReally.click();
  await expect(carol.home.heading).toBeVisible();
  await expect(carol.home.group('Library')).toBeHidden();
  await expect(bob.home.group('Library')).not.toContainText(carol.name);
});

test('a group is called, and whoever was not reached joins; a stranger sees nothing of it', async ({ person }) => {
  test.slow();
  const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
  const stranger = await person('Workshop');
  await alice.home.open();
  await new NewGroupPage(alice.page).make('Kitchen', bob.name, carol.name);

  await alice.home.videoCall('Kitchen').click();
  const invitation = bob.invitationBy(alice);
  await expect(invitation.dialog).toContainText('Kitchen');
  await invitation.answerWithVideo.click();
  await expect(alice.page.getByRole('main', { name: 'Kitchen' })).toBeVisible();
  await carol.invitationBy(alice).decline.click();

  await expect(carol.home.group('Kitchen')).toContainText('In a call now');
  await carol.home.join('Kitchen').click();
  for (const one of [alice, bob, carol]) await expectMediaFromEach(one.page, 2);

  await expect(stranger.home.contact(alice.name)).toContainText('In a call');
  await expect(stranger.home.group('Kitchen')).toBeHidden();

  await carol.groupCall.hangUp.click();
  await expect(carol.home.join('Kitchen'), 'it goes on').toBeVisible();
  await bob.groupCall.hangUp.click();
  await expect(carol.home.join('Kitchen'), 'it is over').toBeHidden();
  await expect(alice.home.notice).toContainText('Kitchen');
});
