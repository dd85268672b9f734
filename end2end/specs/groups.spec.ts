import { expectAllReleased, expectMediaFromEach } from '../support/media.ts';
import { callAll, connect, expectPlaying } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

test('four people see and hear each other, whoever leaves', async ({ person }) => {
  const people = [await person('Alice'), await person('Bob'), await person('Carol'), await person('Kitchen')] as const;
  const [alice, bob, carol, kitchen] = people;
  await callAll(alice, [bob, carol, kitchen]);
  for (const callee of [bob, carol, kitchen]) await callee.invitationBy(alice).answerWithVideo.click();

  await Promise.all(people.map((one) => expectMediaFromEach(one.page, 3)));
  for (const one of people) {
    for (const other of people) {
      if (other !== one) await expectPlaying(one.groupCall.picture(other.name));
    }
  }

  // Whoever has placed the call may leave it.
  await alice.groupCall.hangUp.click();
  await expectAllReleased(alice.page);
  for (const one of [bob, carol, kitchen]) {
    await expect(one.groupCall.tile(alice.name)).toBeHidden();
    await expectMediaFromEach(one.page, 2);
  }
  await bob.groupCall.hangUp.click();
  await expect(carol.groupCall.tile(bob.name)).toBeHidden();
  await expectMediaFromEach(carol.page, 1);

  // The last one is not left alone in it.
  await kitchen.groupCall.hangUp.click();
  await expect(carol.home.notice).toContainText('hung up');
  await expectAllReleased(carol.page);
});

test('each invited person answers for themselves', async ({ person }) => {
  const [alice, bob, carol] = [await person('Alice'), await person('Bob'), await person('Carol')];
  const [kitchen, library] = [await person('Kitchen'), await person('Library')];
  await connect(kitchen, library, 'voice');
  const nobody = await person('Workshop');
  await alice.sees(kitchen, 'In a call');
  await nobody.page.close();
  await alice.sees(nobody, 'Offline');

  await alice.home.groupCall.click();
  await alice.picker.choose(bob.name, carol.name, kitchen.name, nobody.name);
  await alice.picker.voiceCall.click();
  await expect(alice.groupCall.tile(kitchen.name)).toContainText('In another call');
  await expect(alice.groupCall.tile(nobody.name)).toContainText('Calling…');
  await expect(alice.groupCall.tile(bob.name)).toContainText('Ringing…');
  await expect(bob.invitationBy(alice).dialog).toContainText(carol.name);

  await carol.invitationBy(alice).decline.click();
  await expect(alice.groupCall.tile(carol.name)).toContainText('Declined');
  await bob.invitationBy(alice).answer.click();
  await expect(alice.groupCall.timer).toBeVisible();
  await expect(alice.groupCall.tile(carol.name), 'shown for a moment').toBeHidden();
  await expect(bob.groupCall.tile(nobody.name), 'told to those who joined, too').toContainText('Calling…');
  await expect(kitchen.callWith(library).timer).toBeVisible();
});

test('somebody is added to a call, and gets everybody’s media', async ({ person }) => {
  const people = [await person('Alice'), await person('Bob'), await person('Carol'), await person('Kitchen')] as const;
  const [alice, bob, carol, kitchen] = people;
  await connect(alice, bob, 'video');
  for (const added of [carol, kitchen]) {
    await bob.groupCall.add.click();
    await expect(bob.picker.person(alice.name), 'who is in it is not offered').toBeHidden();
    await bob.picker.choose(added.name);
    await bob.picker.call.click();
    await added.invitationBy(bob).answerWithVideo.click();
  }
  await Promise.all(people.map((one) => expectMediaFromEach(one.page, 3)));

  await carol.groupCall.hangUp.click();
  await Promise.all([alice, bob, kitchen].map((one) => expectMediaFromEach(one.page, 2)));
});
