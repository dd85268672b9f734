import { test } from '../support/test.ts';
import { answer } from './answer.ts';
import { median } from './clock.ts';

const ROUNDS = 10;

test.use({ serverFlags: ['--turn', '127.0.0.1:0', '--relay-only'] });

for (const [way, options] of [['UDP', {}], ['TCP', { letOut: 'tcp' }]] as const) {
  test(`accept to the first remote frame by a relay over ${way}`, async ({ person }) => {
    const caller: number[] = [];
    const callee: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [alice, bob] = [await person('Alice', options), await person('Bob', options)];
      await alice.ring(bob, 'video');
      const frames = await answer(bob, alice);
      caller.push(frames.caller);
      callee.push(frames.callee);
      await Promise.all([alice.context.close(), bob.context.close()]);
    }
    console.log(`\nby a relay over ${way}, accept → first remote frame at the caller: ${median(caller)}`);
    console.log(`by a relay over ${way}, accept → first remote frame at the callee: ${median(callee)}`);
  });
}
