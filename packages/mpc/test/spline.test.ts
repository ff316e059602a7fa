import { expect } from 'chai';
import { BT3, BT4, Piecewise } from '../src/index.js';
import { clip } from '../src/protocols/clip.js';
import { add } from '../src/protocols/local-maps.js';
import { signum } from '../src/protocols/signum.js';
import { piecewise, piecewiseAll } from '../src/protocols/spline.js';
import { BLOCK } from '../src/runtime/layout.js';
import { openedBits, planTree } from '../src/trees/tree-plan.js';
import { bytesSent, everyNumber, randomNumbers, wrap } from './helpers/numbers.js';
import { compute } from './helpers/parties.js';

const value = (f: Piecewise, x: bigint, at = x): bigint => {
  const piece = f.pieces[f.thresholds.filter((t) => x >= t).length];
  return wrap(piece.reduce((sum, c, k) => sum + c * at ** BigInt(k), 0n));
};
const small: Piecewise[] = [
  new Piecewise('constants', [-5n, 0n, 9n], [[7n], [-1n], [100n], [3n]]),
  new Piecewise('lines', [0n], [[0n], [1n, 3n]]),
  new Piecewise('squares', [-40n, 2n], [[1n], [4n, -2n, 5n], [-9n, 1n]]),
  new Piecewise(
    'cubics',
    [-20n, -3n, 3n, 20n],
    [[-8n], [1n, 2n, 3n, 4n], [0n, 5n, 0n, -1n], [2n, 2n, -7n, 1n], [8n]],
  ),
  new Piecewise(
    'bare',
    [0n],
    [
      [1n, 1n, 1n],
      [2n, 0n, 1n << 60n],
    ],
  ),
];

describe('spline gate', () => {
  for (const parties of [2, 3, 5])
    for (const f of small)
      it(`is exact mod 2^64 for every number of a window of 8: ${f.name}, ${parties} parties`, async () => {
        const x = everyNumber(6, 12);
        const tree = { w: 2, arity: [4] };
        const { values } = await compute(parties, [x], (s, a) => piecewise(s, a, f, { window: 8, tree }));
        expect(values).deep.equal(x.map((v) => value(f, v)));
      });

  for (const parties of [2, 3, 5])
    it(`drops bits in the same rounds, window 8, ${parties} parties`, async () => {
      const x = everyNumber(6, 12);
      const tree = { w: 2, arity: [4] };
      const f = new Piecewise('dropping', [-20n, 4n], [[-8n], [1n, 2n, 3n, 4n], [5n, 1n]], 2);
      const { values } = await compute(parties, [x], (s, a) => piecewise(s, a, f, { window: 8, tree }));
      values.forEach((y, i) => {
        const floor = x[i] >> 2n;
        expect(y).oneOf([value(f, x[i], floor), value(f, x[i], x[i] % 4n === 0n ? floor : floor + 1n)]);
      });
    });

  for (const parties of [2, 3, 5])
    it(`compares only the bits from the third on where that is asked for, window 9, ${parties} parties`, async () => {
      const x = everyNumber(6, 12);
      const tree = { w: 2, arity: [4] };
      const f = new Piecewise(
        'high bits',
        [-16n, 0n, 8n],
        [[5n], [0n, 3n], [7n, -1n], [1n << 40n, 1n << 20n]],
      );
      const options = { window: 9, from: 2, tree };
      const { values } = await compute(parties, [x], (s, a) => piecewise(s, a, f, options));
      values.forEach((y, i) => {
        // At most 2^2 below a threshold an x may count as on it; its polynomial is of x itself.
        const pieces = [x[i], x[i] + 3n].map((at) => f.pieces[f.thresholds.filter((t) => at >= t).length]);
        expect(y).oneOf(
          pieces.map((piece) => wrap(piece.reduce((sum, c, k) => sum + c * x[i] ** BigInt(k), 0n))),
        );
      });
      for (const refused of [
        { window: 9, from: 8 },
        { window: 9, from: -1 },
      ])
        await compute(parties, [x], (s, a) => piecewise(s, a, f, refused)).then(
          () => expect.fail('was taken'),
          (error) => expect(error).instanceOf(RangeError),
        );
    });

  for (const parties of [2, 3, 5])
    for (const [name, tree, rounds] of [
      ['BT-4', BT4, 4],
      ['BT-3', BT3, 3],
    ] as const)
      it(`is exact for all magnitudes at its cost, ${name}, ${parties} parties, with delays`, async () => {
        const n = 256;
        const x = randomNumbers(n, 61);
        const f = new Piecewise(
          'wide',
          [-(1n << 40n), -12345n, 1n << 20n],
          [[-3n], [5n, 1n << 50n, 7n, 1n], [0n, -1n, 1n << 33n, 2n], [1n << 61n]],
        );
        const { values, outcome } = await compute(parties, [x], (s, a) => piecewise(s, a, f), {
          config: { tree },
          delays: parties,
        });
        expect(values).deep.equal(x.map((v) => value(f, v)));
        const bits = 64 + 3 * (openedBits(planTree(63, tree)) + 1);
        for (const operations of outcome.operations)
          expect(bytesSent(operations, 'spline')).equal(((n * bits) / 8) * (parties - 1));
        expect(outcome.sessions[0].comm.stats.rounds).equal(rounds + 1); // and the reveal
        expect(outcome.sessions[parties - 1].comm.stats.rounds).equal(rounds + 1);
      });

  it('works with a tree of one leaf', async () => {
    const x = everyNumber(6, 4);
    for (const f of small) {
      const tree = { w: 7, arity: [2] };
      const { values } = await compute(2, [x], (s, a) => piecewise(s, a, f, { window: 8, tree }));
      expect(values).deep.equal(x.map((v) => value(f, v)));
    }
  });

  it('works over several blocks and chunks', async () => {
    const x = randomNumbers(9000, 61);
    const f = small[3];
    const { values } = await compute(2, [x], (s, a) => piecewise(s, a, f), { config: { chunk: BLOCK } });
    expect(values).deep.equal(x.map((v) => value(f, v)));
  });

  for (const parties of [2, 3])
    it(`computes polynomials without thresholds, ${parties} parties`, async () => {
      const x = [0n, 1n, -1n, 1n << 61n, ...randomNumbers(200, 61)];
      const f = new Piecewise('polynomial', [], [[5n, -3n, 2n, 1n]]);
      const whole = await compute(parties, [x], (s, a) => piecewise(s, a, f));
      expect(whole.values).deep.equal(x.map((v) => BigInt.asIntN(64, 5n - 3n * v + 2n * v * v + v ** 3n)));
      const dropping = new Piecewise('dropping', [], [[5n, -3n]], 20);
      const short = await compute(parties, [x], (s, a) => piecewise(s, a, dropping));
      short.values.forEach((v, i) => {
        expect(5n - 3n * (x[i] >> 20n) - v).oneOf([0n, 3n]);
      });
    });

  it('computes several functions with the same thresholds at once', async () => {
    const x = [0n, -7n, 7n, -8n, 8n, ...randomNumbers(100, 61)];
    const f = new Piecewise('f', [-7n, 8n], [[0n], [1n, 2n, 1n], [3n]]);
    const g = new Piecewise('g', [-7n, 8n], [[-1n], [4n], [5n, 1n]]);
    const { values } = await compute(2, [x], (s, a) => {
      const [y, z] = piecewiseAll(s, a, [f, g]);
      return add(s, y, z);
    });
    expect(values).deep.equal(x.map((v) => BigInt.asIntN(64, value(f, v) + value(g, v))));
  });

  it('refuses tables that cannot work', () => {
    expect(() => new Piecewise('x', [], [])).throw(RangeError);
    expect(() => new Piecewise('x', [], [[0n], [1n]])).throw(RangeError);
    expect(() => new Piecewise('x', [1n, 0n], [[0n], [1n], [2n]])).throw(RangeError);
  });

  for (const parties of [2, 3]) {
    it(`clips, ${parties} parties`, async () => {
      const x = randomNumbers(300, 61);
      const both = await compute(parties, [x], (s, a) => clip(s, a, { low: -1000n, high: 1n << 30n }));
      const bounded = (v: bigint, low: bigint, high: bigint) => (v < low ? low : v > high ? high : v);
      expect(both.values).deep.equal(x.map((v) => bounded(v, -1000n, 1n << 30n)));
      const low = await compute(parties, [x], (s, a) => clip(s, a, { low: 3n }));
      expect(low.values).deep.equal(x.map((v) => (v < 3n ? 3n : v)));
      const dropping = await compute(parties, [x], (s, a) =>
        clip(s, a, { low: 0n, high: 6n << 16n, drop: 16 }),
      );
      dropping.values.forEach((y, i) => {
        const floor = x[i] >> 16n;
        expect(y).oneOf([bounded(floor, 0n, 6n << 16n), bounded(floor + 1n, 0n, 6n << 16n)]);
      });
    });

    it(`gives signs, ${parties} parties`, async () => {
      const x = [...randomNumbers(300, 62), 0n, 0n, 1n, -1n];
      const { values, outcome } = await compute(parties, [x], (s, a) => signum(s, a));
      expect(values).deep.equal(x.map((v) => (v > 0n ? 1n : v < 0n ? -1n : 0n)));
      expect(outcome.operations[0].filter((o) => o.name === 'spline').length).equal(1);
    });
  }
});
