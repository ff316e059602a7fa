/** Burning: crashes at every step, in processes that are killed and in sessions. */
import { expect } from 'chai';
import type { BurnStep } from '../src/index.js';
import { killBurners } from './helpers/kills.js';
import { codes, program, results, session, type World, world } from './helpers/world.js';

describe('a tape', function () {
  this.timeout(120_000);
  let w: World;
  beforeEach(async () => {
    w = await world(2);
  });
  afterEach(() => w.remove());

  it('is used once in 50 lives that end at any step, some of them of processes that are killed', () =>
    killBurners(w, 50, 10));

  it('that a session burnt and did not survive is used by no later one', async () => {
    const steps: readonly BurnStep[] = ['opened', 'entered', 'key removed'];
    for (const step of steps)
      for (const who of [0, 1]) {
        const ids = await w.deal(2);
        const before = w.used.map((used) => used.length);
        const crash = (reached: BurnStep): void => {
          if (reached === step) throw new Error('crash');
        };
        const sources = [0, 1].map((rank) => w.source(rank, rank === who ? { onStep: crash } : {}));
        const ends = await session(sources, program());
        expect(ends.map(({ status }) => status)).deep.equal(['rejected', 'rejected']);
        expect(codes(ends)[1 - who]).equal('PEER_ABORTED');
        // Nobody computed on the first tape.
        expect(w.used.map((used) => used.length)).deep.equal(before);
        results(await session([w.source(0), w.source(1)], program()));
        const next = step === 'opened' && who === 0 ? ids[0] : ids[1];
        expect(w.used.map((used) => used.at(-1))).deep.equal([next, next]);
        if (next === ids[0]) results(await session([w.source(0), w.source(1)], program()));
      }
  });
});
