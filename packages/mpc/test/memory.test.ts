/** What a result holds that its operation did not write: never words of another tensor. */

import { ShapeError } from '@tacit/errors';
import { POISON, WordsPool } from '@tacit/ring';
import { expect } from 'chai';
import { sharePublic } from '../src/protocols/input.js';
import { add, addPublic, mapLocal, mulPublic, sub } from '../src/protocols/local-maps.js';
import { maskOnce } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { Owned } from '../src/protocols/owned-operand.js';
import { reveal } from '../src/protocols/reveal.js';
import { FramePool } from '../src/runtime/frame-pool.js';
import { input, runParties, signed, words } from './helpers/parties.js';

/** Large enough for the pool. */
const n = 2048;

describe('memory of results', () => {
  it('that an operation leaves unwritten is zero, although the pool gives words of other tensors', async () => {
    const { results } = await runParties(2, async (s) => {
      const x = input(s, new Array(n).fill(0x5ec2e7n));
      await x.value;
      x.dispose();
      const lazy = mapLocal(s, 'nothing', [], [n], () => {});
      const partly = mapLocal(s, 'a part', [input(s, [1n, 2n])], [n], (_, [a], out) => out.set(a, 5));
      return Promise.all([reveal(s, lazy), reveal(s, partly)]);
    });
    for (const found of results) {
      const [nothing, part] = found.map((w) => signed(w ?? words([])));
      expect(nothing).deep.equal(new Array(n).fill(0n));
      expect(part.filter((v) => v !== 0n)).deep.equal([1n, 2n]);
    }
  });

  it('is never left unwritten by public operands of the wrong length: they are refused, at once', async () => {
    await runParties(2, async (s) => {
      const x = input(s, new Array(n).fill(7n));
      const few = words([1n]);
      const masked = [x, input(s, [1n])].map((v) => maskOnce(s, v));
      for (const wrong of [
        () => sharePublic(s, [n], few),
        () => sharePublic(s, [1], words(new Array(n).fill(1n))),
        () => addPublic(s, x, few),
        () => mulPublic(s, x, few),
        () => add(s, x, input(s, [1n])),
        () => sub(s, input(s, [1n]), x),
        () => x.reshaped([n + 1]),
        () => multiplyMasked(s, masked[0], masked[1]),
      ])
        expect(wrong).throws(ShapeError);
    });
  });

  it('is poisoned on request, in all sizes', () => {
    const poisoned = new WordsPool({ poison: true });
    const frames = new FramePool(undefined, true);
    for (const size of [1, 100, 5000]) {
      expect(poisoned.take(size).every((w) => w === 0xa5a5_a5a5_a5a5_a5a5n)).equal(true);
      expect(frames.take(size).every((byte) => byte === POISON)).equal(true);
    }
  });
});

describe('the words of an owned operand', () => {
  it('are copied: a caller that changes them later changes nothing', async () => {
    const { results } = await runParties(2, async (s) => {
      const own = words([1n, 2n, 3n]);
      const owned = new Owned(s, 0, [3], s.rank === 0 ? own : undefined);
      const factor = await owned.opened.value;
      own.fill(9n);
      return signed(factor);
    });
    expect(results[0]).deep.equal([1n, 2n, 3n]);
  });
});
