/** Burning: crashes at every step, in processes that are killed and in sessions. */
import { expect } from 'chai';
import { type BurnStep, TapeFolder } from '../src/index.js';
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

  it('goes to one of those that have seen it', async () => {
    for (const rank of [0, 1]) {
      await w.deal(1);
      const folders = [1, 2, 3].map(
        () => new TapeFolder({ folder: w.tapesOf(rank), keys: w.keys[rank], dealer: w.dealer.publicText }),
      );
      const [listing] = folders[0].unused();
      const burnt = await Promise.all(folders.map((own) => own.burn(listing)));
      const [tape, ...others] = burnt.filter((one) => one !== undefined);
      expect(others).deep.equal([]);
      tape.corrections?.close?.();
      // Its files are gone, which is no fault of theirs.
      for (const own of folders) {
        expect(await own.burn(listing)).equal(undefined);
        expect(await own.verify(listing)).equal(false);
        expect(own.discard(listing)).equal(false);
      }
    }
  });

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
        // No key has outlived its entry in the ledger: the session has seen to that.
        for (const rank of [0, 1]) {
          const options = { folder: w.tapesOf(rank), keys: w.keys[rank], dealer: w.dealer.publicText };
          expect(new TapeFolder(options).sweep()).equal(0);
        }
        if (next === ids[0]) results(await session([w.source(0), w.source(1)], program()));
      }
  });
});
