import { atLeast, badLink, both, callEachOther, expectCallKept, until, within } from './steps.ts';
import { expect, test } from './test.ts';

test('5 % loss, 180 ms round trips and 20 ms jitter: the sound is well heard', async ({ lab, alice, bob }) => {
  await badLink(lab);
  const start = await callEachOther(alice, bob);
  // Once what comes first has settled.
  const from = start + 2_000;
  await until(from + 10_000);
  for (const { person, observer } of [alice, bob]) {
    within(6, observer.concealed(from, from + 10_000), `% of the sound made up at ${person.name}`);
  }
  await expectCallKept(alice, bob, start);
});

test('500 kbit/s: sound goes on, pictures too, and all is well again when there is more', async ({ lab, alice, bob }) => {
  const start = await callEachOther(alice, bob);
  await until(start + 8_000);
  const before = [alice, bob].map(({ observer }) => ({
    rate: observer.pictureRate(start + 4_000, start + 8_000),
    width: observer.pictureWidth(start + 8_000),
  }));

  const limited = both(alice, bob).note('500 kbit/s');
  await lab.say('link bob rate 500');
  await until(limited + 20_000);
  for (const { person, observer } of [alice, bob]) {
    within(500, observer.longestGap(limited, limited + 20_000), `ms without a packet of sound at ${person.name}`);
    atLeast(5, observer.pictureRate(limited, limited + 20_000), `pictures per second at ${person.name}`);
  }

  const lifted = both(alice, bob).note('no limit');
  await lab.say('link bob rate unlimited');
  for (const [at, { person, observer }] of [alice, bob].entries()) {
    const { rate = 0, width = 0 } = before[at] ?? {};
    const isAsBefore = (): boolean =>
      observer.pictureWidth(Date.now()) >= width && observer.pictureRate(Date.now() - 2_000, Date.now()) >= 0.75 * rate;
    await expect.poll(isAsBefore, { message: `pictures as before at ${person.name}`, timeout: 60_000 }).toBe(true);
    within(10_000, Date.now() - lifted, `ms until pictures were as before at ${person.name}`);
  }
  await expectCallKept(alice, bob, start);
});
