import { answer, both, callEachOther, within } from './steps.ts';
import { expect, test } from './test.ts';

test('no way between two networks and no relay: both are told so and what to do, and nothing hangs', async ({ lab, alice, bob }) => {
  await lab.say('block direct alice bob');
  const answered = await answer(alice, bob);
  for (const { person, observer } of [alice, bob]) {
    const told = await observer.shows('no way through', answered, 60_000);
    within(30_000, told - answered, `ms until ${person.name} was told`);
  }
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    const { screen } = one.person.callWith(other.person);
    // What has failed, what the person may try, and what the operator lacks.
    await expect(screen).toContainText('No way through was found between the two networks (ICE failed)');
    await expect(screen).toContainText('Try another network');
    await expect(screen).toContainText('tell whoever runs this server: a relay (TURN) is missing, or cannot be reached from here');
  }
  const hungUp = both(alice, bob).note('Alice hangs up');
  await alice.person.callWith(bob.person).hangUp.click();
  within(1_000, (await bob.observer.leavesCall(hungUp, 30_000)) - hungUp, 'ms until Bob’s call was over');

  await lab.say('unblock');
  await callEachOther(bob, alice);
});
