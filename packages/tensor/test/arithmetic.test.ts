/** Sums, products, powers and comparisons of CrypTensor against double precision: random shapes, 2 and 3 parties. */
import { ArgumentError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { expectClose, filled, input, RUNS } from './helpers/close.js';
import { evaluate, runParties } from './helpers/parties.js';
import { at, binary, make, type Nd, sizeOf } from './helpers/plain.js';

const dim = fc.integer({ min: 1, max: 4 });
const parties = fc.constantFrom(2, 3);
/** Two shapes that broadcast: each axis may be 1 in one of them, leading axes may be missing in the second. */
const pairOfShapes = fc
  .array(fc.tuple(dim, fc.constantFrom('both', 'left', 'right')), { minLength: 1, maxLength: 3 })
  .chain((axes) =>
    fc.integer({ min: 0, max: axes.length }).map((dropped) => ({
      a: axes.map(([d, one]) => (one === 'left' ? 1 : d)),
      b: axes.map(([d, one]) => (one === 'right' ? 1 : d)).slice(dropped),
    })),
  );

describe('arithmetic', () => {
  for (const [op, plain] of [
    ['add', (x: number, y: number) => x + y],
    ['sub', (x: number, y: number) => x - y],
    ['mul', (x: number, y: number) => x * y],
  ] as const) {
    it(`${op} of secrets, broadcast`, () =>
      fc.assert(
        fc.asyncProperty(pairOfShapes, parties, async (shapes, n) => {
          const a = filled(shapes.a, 1);
          const b = filled(shapes.b, 2);
          expectClose(await evaluate(n, [input(a), input(b)], (x, y) => x[op](y)), binary(a, b, plain));
        }),
        RUNS,
      ));
    it(`${op} with a public operand`, () =>
      fc.assert(
        fc.asyncProperty(pairOfShapes, parties, async (shapes, n) => {
          const a = filled(shapes.a, 3);
          const b = filled(shapes.b, 4);
          expectClose(await evaluate(n, [input(a)], (x) => x[op](input(b))), binary(a, b, plain));
        }),
        RUNS,
      ));
    it(`${op} with an operand that one party owns`, () =>
      fc.assert(
        fc.asyncProperty(pairOfShapes, parties, fc.nat(1), async (shapes, n, owner) => {
          const a = filled(shapes.a, 5);
          const b = filled(shapes.b, 6);
          const results = await runParties(n, async (party) => {
            const x = party.cryptensor(input(a), { src: 1 - owner });
            const w = party.owned(party.rank === owner ? input(b) : undefined, {
              src: owner,
              shape: b.shape,
            });
            return x[op](w).revealFloat64();
          });
          const wanted = binary(a, b, plain);
          for (const y of results) expectClose({ ...(y as Nd), rounds: 0 }, wanted);
        }),
        RUNS,
      ));
  }

  it('chains of products keep their precision', async () => {
    const a = filled([50], 7);
    const y = await evaluate(2, [input(a)], (x) => x.mul(x).mul(0.25).sub(x).mul(2).add(1).neg());
    expectClose(y, { shape: [50], data: a.data.map((v) => -(((v * v) / 4 - v) * 2 + 1)) }, 2 ** -12);
  });

  it('powers', async () => {
    const a = make([9], ([i]) => i / 4 - 1);
    for (const n of [0, 1, 2, 3, 5])
      expectClose(
        await evaluate(2, [input(a)], (x) => x.pow(n)),
        { shape: [9], data: a.data.map((v) => v ** n) },
        2 ** -12,
      );
    await runParties(2, async (party) => {
      expect(() => party.cryptensor([1], { src: 0 }).pow(Number.NaN)).throw(ArgumentError);
    });
    const positive = make([9], ([i]) => i + 0.5);
    for (const n of [-1, -2, 0.5, -0.5, 1.5, -0.3])
      expectClose(
        await evaluate(2, [input(positive)], (x) => x.pow(n)),
        { shape: [9], data: positive.data.map((v) => v ** n) },
        2 ** -6,
      );
  });

  it('division by public numbers', async () => {
    const a = filled([40], 8);
    for (const by of [1, 2, -8, 3, 7, -10, 0.5, 1000]) {
      const plain = { shape: [40], data: a.data.map((v) => v / by) };
      expectClose(await evaluate(2, [input(a)], (x) => x.div(by)), plain);
    }
    expectClose(
      await evaluate(2, [[3150, 4200, 2980]], (x) => x.mean()),
      { shape: [], data: Float64Array.of(10330 / 3) },
      2e-3,
    );
    await runParties(2, async (party) => {
      expect(() => party.cryptensor([1], { src: 0 }).div(0)).throw(ArgumentError);
    });
  });

  it('sums and means over axes', async () => {
    const a = filled([3, 4, 5], 9);
    const over = (axes: number[], keep: boolean) => {
      const shape = [3, 4, 5].flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d]));
      const data = new Float64Array(sizeOf(shape));
      make([3, 4, 5], (index) => {
        const rest = index.filter((_, i) => !axes.includes(i));
        const dims = [3, 4, 5].filter((_, i) => !axes.includes(i));
        data[rest.reduce((o, v, i) => o * dims[i] + v, 0)] += at(a, index);
        return 0;
      });
      return { shape, data };
    };
    for (const [axes, keep] of [
      [[0], false],
      [[1], true],
      [[-1], false],
      [[0, 2], true],
      [[0, 1, 2], false],
    ] as const) {
      const positive = axes.map((axis) => (axis < 0 ? axis + 3 : axis));
      const total = over(positive, keep);
      expectClose(await evaluate(2, [input(a)], (x) => x.sum(axes, keep)), total);
      const count = positive.reduce((n, axis) => n * [3, 4, 5][axis], 1);
      expectClose(await evaluate(2, [input(a)], (x) => x.mean(axes, keep)), {
        ...total,
        data: total.data.map((v) => v / count),
      });
    }
  });

  it('where, comparisons and their mixtures', async () => {
    const a = filled([30], 20);
    const b = filled([30], 21);
    const y = await evaluate(3, [input(a), input(b)], (x, z) => x.lt(z).where(z, x));
    expectClose(y, { shape: [30], data: a.data.map((v, i) => Math.max(v, b.data[i])) });
    expectClose(await evaluate(2, [input(a)], (x) => x.gt(1).where(1, x)), {
      shape: [30],
      data: a.data.map((v) => Math.min(v, 1)),
    });
  });
});
