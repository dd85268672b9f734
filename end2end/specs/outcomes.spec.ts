import { connect } from '../support/person.ts';
import { expectAllReleased } from '../support/media.ts';
import { expect, test } from '../support/test.ts';

test('the caller is told "ringing" when it rings at the callee', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'voice');
  await expect(alice.callWith(bob).ringing).toBeVisible();
});

test('a declined call says so to the caller', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'video');
  await bob.invitationBy(alice).decline.click();
  await expect(alice.home.notice).toContainText(`${bob.name} declined the call`);
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expectAllReleased(alice.page);
});

test('a cancelled call stops ringing and is a missed one', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.ring(bob, 'voice');
  await alice.callWith(bob).cancel.click();
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expect(bob.home.notice).toContainText(`You missed a call from ${alice.name}`);
  await expect(alice.home.notice).toContainText(`You cancelled the call to ${bob.name}`);
  await expectAllReleased(alice.page);
});

test('somebody in a call is busy, and the call goes on undisturbed', async ({ person }) => {
  const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
  await connect(alice, bob, 'voice');
  await carol.sees(bob, 'In a call');
  await carol.call(bob, 'voice');
  await expect(carol.home.notice).toContainText(`${bob.name} is in another call`);
  await expect(bob.invitationBy(carol).dialog).toBeHidden();
  await expect(bob.callWith(alice).timer).toBeVisible();
});

test('a callee who is offline is called, and not said to ring', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.sees(bob, 'Online');
  await bob.page.close();
  await alice.sees(bob, 'Offline');
  await alice.call(bob, 'voice');
  await expect(alice.callWith(bob).calling).toBeVisible();

  // Bob comes back meanwhile: now it rings.
  await expect(alice.callWith(bob).ringing).toBeHidden();
  bob.page = await bob.openTab();
  await expect(bob.invitationBy(alice).dialog).toBeVisible();
  await expect(alice.callWith(bob).ringing).toBeVisible();
  await bob.invitationBy(alice).answer.click();
  await expect(alice.callWith(bob).timer).toBeVisible();
});

test('all tabs ring, one answers, the others say so', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const first = bob.page;
  const second = await bob.openTab();
  await alice.ring(bob, 'voice');
  bob.page = second;
  await bob.invitationBy(alice).answer.click();
  await expect(bob.callWith(alice).timer).toBeVisible();
  bob.page = first;
  await expect(bob.invitationBy(alice).dialog).toBeHidden();
  await expect(first.getByText('You are in a call on another device.')).toBeVisible();
});

test('two people who call each other at once are in one call', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.sees(bob, 'Online');
  await bob.sees(alice, 'Online');
  await Promise.all([alice.callUnlessRung(bob, 'voice'), bob.callUnlessRung(alice, 'voice')]);
  // The clicks may still have come one after the other: then one of the two rings, and answers.
  await Promise.any([
    expect(alice.callWith(bob).timer).toBeVisible(),
    alice.invitationBy(bob).answer.click(),
    bob.invitationBy(alice).answer.click(),
  ]);
  await expect(alice.callWith(bob).timer).toBeVisible();
  await expect(bob.callWith(alice).timer).toBeVisible();
});

test('what is said of a call is on the screen after it, however far the list was scrolled', async ({ person }) => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  await alice.page.setViewportSize({ width: 360, height: 240 });
  await alice.sees(bob, 'Online');
  await alice.home.voiceCall(bob.name).scrollIntoViewIfNeeded();
  await alice.page.mouse.wheel(0, 400);
  await alice.ring(bob, 'voice');
  await alice.callWith(bob).cancel.click();
  await expect(alice.home.notice).toBeInViewport();
});
