import { expectAudio, watchSoundGaps } from '../support/media.ts';
import { connect } from '../support/person.ts';
import { test } from '../support/test.ts';
import { chosen, clicked, hidden, median, shown } from './clock.ts';

const ROUNDS = 5;

test('voice to video and back', async ({ person }) => {
  const toVideo: number[] = [];
  const agreed: number[] = [];
  const toVoice: number[] = [];
  const gaps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [alice, bob] = [await person('Alice'), await person('Bob')];
    await connect(alice, bob, 'voice');
    const gap = await watchSoundGaps(bob.page);
    const [asked, atBob] = await Promise.all([
      clicked(alice.page, 'Camera'),
      shown(bob.page, alice.account.id),
      alice.callWith(bob).camera.click(),
    ]);
    toVideo.push(atBob - asked);
    const agree = bob.page.getByRole('button', { name: 'Turn camera on' });
    const [agreedAt, atAlice] = await Promise.all([
      clicked(bob.page, 'Turn camera on'),
      shown(alice.page, bob.account.id),
      agree.click(),
    ]);
    agreed.push(atAlice - agreedAt);
    const voiceOnly = bob.page.getByRole('button', { name: 'Voice only' });
    const [switched, gone] = await Promise.all([
      clicked(bob.page, 'Voice only'),
      hidden(alice.page, bob.account.id),
      voiceOnly.click(),
    ]);
    toVoice.push(gone - switched);
    gaps.push(await gap());
    await Promise.all([alice.context.close(), bob.context.close()]);
  }
  console.log(`\ncamera on → first frame at the other side: ${median(toVideo)}`);
  console.log(`video agreed to → first frame at the other side: ${median(agreed)}`);
  console.log(`voice only → picture gone at the other side: ${median(toVoice)}`);
  console.log(`longest time without a packet of sound: ${median(gaps)}`);
});

test('another camera and another microphone', async ({ person }) => {
  const camera: number[] = [];
  const gaps: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [alice, bob] = [await person('Alice', { painted: true }), await person('Bob')];
    await connect(alice, bob, 'video');
    await shown(bob.page, alice.account.id, 'Red');
    await alice.callWith(bob).devices.click();
    const gap = await watchSoundGaps(bob.page);
    const [picked, turned] = await Promise.all([
      chosen(alice.page),
      shown(bob.page, alice.account.id, 'Blue'),
      alice.deviceMenu.camera.selectOption('Blue'),
    ]);
    camera.push(turned - picked);
    await alice.deviceMenu.microphone.selectOption({ index: 1 });
    await expectAudio(bob.page);
    gaps.push(await gap());
    await Promise.all([alice.context.close(), bob.context.close()]);
  }
  console.log(`\nanother camera chosen → its first frame at the other side: ${median(camera)}`);
  console.log(`longest time without a packet of sound: ${median(gaps)}`);
});
