/** Masks and truncations belong to a value, shapes and strides to a view of it. */
import { expect } from 'chai';
import type { Session } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { linearMasked } from '../src/protocols/linear.js';
import { gather } from '../src/protocols/local-maps.js';
import { maskOnce, viewMasked } from '../src/protocols/mask.js';
import { multiplyMasked } from '../src/protocols/multiply.js';
import { ownedLinear } from '../src/protocols/owned-linear.js';
import { maskToward, Owned } from '../src/protocols/owned-operand.js';
import { reveal } from '../src/protocols/reveal.js';
import { squareMasked } from '../src/protocols/square.js';
import { truncateOnce } from '../src/protocols/truncate.js';
import type { Share } from '../src/runtime/share.js';
import { matmul } from './helpers/numbers.js';
import { type Outcome, runParties, signed, words } from './helpers/parties.js';

const input = (s: Session, shape: number[], values: number[], src = 0): Share =>
  shareInput(s, src, shape, s.rank === src ? words(values.map(BigInt)) : undefined);
const numbers = async (s: Session, x: Share): Promise<number[]> =>
  signed((await reveal(s, x)) ?? words([])).map(Number);
const count = ({ operations }: Outcome<unknown>, name: string): number =>
  operations[0].filter((o) => o.name === name).length;

const transposed = (s: Session, x: Share): Share => {
  const [rows, columns] = x.shape;
  return gather(s, x, { shape: [columns, rows], strides: [1, columns], offset: 0 });
};

for (const parties of [2, 3])
  describe(`forms of a value, ${parties} parties`, () => {
    const twice = parties === 2 ? 2 : 1;

    it('a reshape of a masked tensor is masked in its own shape', async () => {
      const outcome = await runParties(parties, async (s) => {
        const x = input(s, [1, 4], [1, 2, 3, 4]);
        maskOnce(s, x);
        maskToward(s, x, 1);
        const column = x.reshaped([4, 1]);
        const [all, toward] = [maskOnce(s, column), maskToward(s, column, 1)];
        expect([all.shape, toward.shape]).deep.equal([
          [4, 1],
          [4, 1],
        ]);
        const ones = maskOnce(s, input(s, [4, 4], new Array(16).fill(1)));
        const wide = viewMasked(s, all, { shape: [4, 4], strides: [1, 0], offset: 0 });
        return numbers(s, linearMasked(s, { op: 'mul', n: 16 }, wide, ones, [4, 4]));
      });
      const rows = [1, 2, 3, 4].flatMap((v) => new Array(4).fill(twice * v));
      for (const found of outcome.results) expect(found).deep.equal(rows);
      expect(count(outcome, 'mask')).equal(2);
      expect(count(outcome, 'mask-toward')).equal(1);
    });

    it('views of a masked tensor, and views of views, send nothing', async () => {
      const outcome = await runParties(parties, async (s) => {
        const x = input(s, [2, 3], [1, 2, 3, 4, 5, 6]);
        const w = new Owned(s, 1, [2, 2], s.rank === 1 ? words([1n, 2n, 3n, 4n]) : undefined);
        const t = transposed(s, x);
        maskOnce(s, x); // after the view was made
        maskToward(s, x, 1);
        const gram = linearMasked(s, matmul(2, 3, 2), maskOnce(s, x), maskOnce(s, t), [2, 2]);
        const owned = ownedLinear(s, matmul(3, 2, 2), maskToward(s, t, 1), w.opened, true, [3, 2]);
        const column = gather(s, t, { shape: [3, 1], strides: [2, 1], offset: 1 });
        t.dispose();
        // Elementwise products take views, too.
        const square = squareMasked(s, maskOnce(s, column));
        const [left, right] = [1, 2].map(() => maskOnce(s, column.reshaped([1, 3])));
        const product = multiplyMasked(s, left, right);
        return Promise.all([gram, owned, square, product].map((y) => numbers(s, y)));
      });
      for (const [gram, owned, square, product] of outcome.results) {
        expect(gram).deep.equal([14, 32, 32, 77].map((v) => twice * v));
        expect(owned).deep.equal([13, 18, 17, 24, 21, 30]);
        expect(square).deep.equal([16, 25, 36].map((v) => twice * v));
        expect(product).deep.equal(square);
      }
      expect(count(outcome, 'mask')).equal(1);
      expect(count(outcome, 'mask-toward')).equal(1);
    });

    it('small slices of a masked tensor, and views of a disposed one, are masked anew', async () => {
      const outcome = await runParties(parties, async (s) => {
        const x = input(
          s,
          [100],
          Array.from({ length: 100 }, (_, i) => i),
        );
        maskOnce(s, x);
        const few = gather(s, x, { shape: [3], strides: [1], offset: 7 });
        const back = gather(s, x, { shape: [100], strides: [-1], offset: 99 });
        x.dispose();
        return Promise.all([few, back].map((y) => numbers(s, squareMasked(s, maskOnce(s, y)))));
      });
      for (const [few, back] of outcome.results) {
        expect(few).deep.equal([49, 64, 81].map((v) => twice * v));
        expect(back.slice(-3)).deep.equal([4, 1, 0].map((v) => twice * v));
      }
      expect(count(outcome, 'mask')).equal(3);
    });

    it('a value is truncated once, whatever handle asks', async () => {
      const n = 4096;
      const outcome = await runParties(parties, async (s) => {
        const x = input(s, [n], new Array(n).fill((7 << 16) + 32768));
        const first = truncateOnce(s, x, 16);
        const again = truncateOnce(s, x.reshaped([64, 64]), 16);
        expect(again.shape).deep.equal([64, 64]);
        first.dispose();
        const other = truncateOnce(s, x, 15);
        x.dispose();
        return Promise.all([numbers(s, again), numbers(s, truncateOnce(s, again, 1)), numbers(s, other)]);
      });
      expect(count(outcome, 'truncate')).equal(3);
      for (const [again] of outcome.results) expect(new Set(again)).deep.equal(new Set([7, 8]));
    });
  });
