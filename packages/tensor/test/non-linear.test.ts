import { ArgumentError, ShapeError } from '@tacit/errors';
import { BT4, FEW_ELEMENTS } from '@tacit/mpc';
import { expect } from 'chai';
import type { CrypTensor } from '../src/index.js';
import { evaluate, runParties } from './helpers/parties.js';

const ULP = 2 ** -16;
/** Multiples of 1/64 between -8 and 8 with repetitions: exact in fixed point, and so are their products. */
const numbers = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => (((i * 7919) % 1025) - 512) / 64);
const tensor = (dims: number[]) => ({ dims, data: numbers(dims.reduce((a, b) => a * b, 1)) });

/** `rounds` are those of the tree that the size asks for: BT-3 for few elements, one round less than BT-4. */
async function near(
  data: readonly number[] | Float64Array,
  f: (x: CrypTensor) => CrypTensor,
  plain: (x: number) => number,
  tolerance: number,
  rounds?: number,
): Promise<void> {
  for (const parties of [2, 3, 5]) {
    const input = { dims: [data.length], data };
    const y = await evaluate(parties, [input], f, { delays: parties });
    y.data.forEach((v, i) => {
      expect(Math.abs(v - plain(data[i])), `${parties} parties, x = ${data[i]}`).most(tolerance);
    });
    if (rounds === undefined) continue;
    expect(y.rounds).equal(rounds);
    const bt4 = await evaluate(parties, [input], f, { config: { tree: BT4 } });
    expect(bt4.rounds).equal(rounds + (data.length <= FEW_ELEMENTS ? 1 : 0));
  }
}

describe('elementwise functions', () => {
  const x = [...numbers(200), 0, 1000, -1000, ULP, -ULP, 2 ** 28, -(2 ** 28)];
  const small = numbers(700);

  it('sigmoid', () =>
    near(
      x,
      (a) => a.sigmoid(),
      (v) => 1 / (1 + Math.exp(-v)),
      2e-4,
      3,
    ));
  it('tanh', () => near(x, (a) => a.tanh(), Math.tanh, 1.9e-4, 3));
  it('tanh of a product takes no round more', () =>
    near(
      small,
      (a) => a.mul(a).tanh(),
      (v) => Math.tanh(v * v),
      1.9e-4,
      5,
    ));
  it('exp', () =>
    near(
      x.filter((v) => v < 1),
      (a) => a.exp(),
      Math.exp,
      2e-4,
      4,
    ));
  it('exp of a product takes no round more', () =>
    near(
      small,
      (a) => a.mul(a).neg().exp(),
      (v) => Math.exp(-v * v),
      2e-4,
      6,
    ));
  it('sigmoid of a quotient', () =>
    near(
      small,
      (a) => a.div(3).sigmoid(),
      (v) => 1 / (1 + Math.exp(-v / 3)),
      2.1e-4,
    ));
  it('abs', () => near(x, (a) => a.abs(), Math.abs, 0, 3));
  it('abs of a product', () =>
    near(
      small,
      (a) => a.mul(a).neg().abs(),
      (v) => v * v,
      ULP,
    ));
  it('sign', () =>
    near(
      x,
      (a) => a.sign(),
      (v) => Math.sign(v) + 0,
      0,
      3,
    ));
  it('floor, ceil and round', async () => {
    const even = (v: number) => (v % 1 === 0.5 || v % 1 === -0.5 ? 2 * Math.round(v / 2) : Math.round(v)) + 0;
    const halves = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5];
    const edges = [...x.slice(150), ...halves, 2 ** 27 + 0.5, -(2 ** 27) - 0.5];
    await near(edges, (a) => a.floor(), Math.floor, 0);
    await near(edges, (a) => a.ceil(), Math.ceil, 0);
    await near(edges, (a) => a.round(), even, 0);
    // Of products that are not truncated yet: exact here, so no unit in the last place is missing.
    const factors = [...halves.map((v) => v / 4), ...numbers(20)];
    await near(
      factors,
      (a) => a.mul(a.mul(4)).floor(),
      (v) => Math.floor(4 * v * v),
      0,
    );
    await near(
      factors,
      (a) => a.mul(a.sub(a).add(4)).round(),
      (v) => even(4 * v),
      0,
    );
    const exact = { config: { truncation: 'exact' } } as const;
    const input = { dims: [factors.length], data: factors };
    const y = await evaluate(2, [input], (a) => a.mul(2).floor(), exact);
    expect([...y.data]).deep.equal(factors.map((v) => Math.floor(2 * v)));
  });
  it('clip', () =>
    near(
      x,
      (a) => a.clip(-1.5, 3),
      (v) => Math.min(Math.max(v, -1.5), 3),
      0,
      3,
    ));
  it('clip from below and from above', async () => {
    await near(
      x,
      (a) => a.clip(0.25),
      (v) => Math.max(v, 0.25),
      0,
    );
    await near(
      x,
      (a) => a.clip(undefined, 0.25),
      (v) => Math.min(v, 0.25),
      0,
    );
    await near(
      x,
      (a) => a.clip(),
      (v) => v,
      0,
    );
  });
  it('clip of a product', () =>
    near(
      small,
      (a) => a.square().clip(0, 6),
      (v) => Math.min(v * v, 6),
      ULP,
      5,
    ));
  it('clip with bounds that no value reaches', () =>
    near(
      small,
      (a) => a.clip(0, 3.4e38),
      (v) => Math.max(v, 0),
      0,
    ));
  it('clip of zeros and ones', () =>
    near(
      small,
      (a) => a.ge(0).clip(0.25, 0.75),
      (v) => (v >= 0 ? 0.75 : 0.25),
      0,
    ));
  it('eq and ne', async () => {
    for (const parties of [2, 3]) {
      const other = small.map((v, i) => (i % 3 === 0 ? v : v + (i % 2 === 0 ? ULP : 5)));
      const eq = await evaluate(parties, [small, other], (a, b) => a.eq(b));
      expect([...eq.data]).deep.equal([...small].map((v, i) => (v === other[i] ? 1 : 0)));
      expect(eq.rounds).equal(small.length <= FEW_ELEMENTS ? 3 : 4);
      const ne = await evaluate(parties, [small], (a) => a.ne(2));
      expect([...ne.data]).deep.equal([...small].map((v) => (v === 2 ? 0 : 1)));
    }
  });

  it('refuses bounds that make no sense', async () => {
    await runParties(2, async (party) => {
      const a = party.cryptensor([1, 2], { src: 0 });
      expect(() => a.clip(1, 0)).throw(ArgumentError);
      expect(() => a.clip(Number.NaN, 0)).throw(ArgumentError);
      expect(() => a.clip(1e30)).throw(ArgumentError);
    });
  });

  it('works with exact truncation', async () => {
    const config = { truncation: 'exact' } as const;
    for (const f of [(a: CrypTensor) => a.square().tanh(), (a: CrypTensor) => a.square().clip(1, 6)]) {
      const once = await evaluate(2, [small], f, { config });
      const again = await evaluate(2, [small], f, { config });
      expect([...once.data]).deep.equal([...again.data]); // nothing is left to chance
    }
  });
});

describe('extremes', () => {
  const x = tensor([3, 5, 4]);
  const at = (i: number, j: number, k: number) => x.data[(i * 5 + j) * 4 + k];
  const along1 = (pick: (values: number[]) => number) =>
    Array.from({ length: 12 }, (_, r) =>
      pick(Array.from({ length: 5 }, (_, j) => at(Math.floor(r / 4), j, r % 4))),
    );
  const largest = (v: number[]) => Math.max(...v);

  for (const parties of [2, 3, 5])
    it(`along an axis and over all, ${parties} parties`, async () => {
      const max = await evaluate(parties, [x], (a) => a.max(1), { delays: parties });
      expect(max.shape).deep.equal([3, 4]);
      expect([...max.data]).deep.equal(along1(largest));
      expect(max.rounds).equal(3 * 3);
      const min = await evaluate(parties, [x], (a) => a.min(-2, true));
      expect(min.shape).deep.equal([3, 1, 4]);
      expect([...min.data]).deep.equal(along1((v) => Math.min(...v)));
      const argmax = await evaluate(parties, [x], (a) => a.argmax(1), { delays: parties });
      expect([...argmax.data]).deep.equal(along1((v) => v.indexOf(largest(v))));
      expect(argmax.rounds).equal(3 * 3);
      const argmin = await evaluate(parties, [x], (a) => a.argmin());
      expect(argmin.shape).deep.equal([]);
      expect([...argmin.data]).deep.equal([x.data.indexOf(Math.min(...x.data))]);
      const all = await evaluate(parties, [x], (a) => a.max(undefined, true));
      expect(all.shape).deep.equal([1, 1, 1]);
      expect([...all.data]).deep.equal([Math.max(...x.data)]);
    });

  it('leaves its operand usable, and products at their scale', async () => {
    const y = await evaluate(2, [x], (a) => a.square().max(0).add(a.min(0)));
    const wanted = Array.from({ length: 20 }, (_, r) => {
      const column = [0, 1, 2].map((i) => x.data[i * 20 + r]);
      return Math.max(...column.map((v) => v * v)) + Math.min(...column);
    });
    y.data.forEach((v, i) => {
      expect(v).closeTo(wanted[i], ULP);
    });
  });

  it('refuses an axis that is not there', async () => {
    await runParties(2, async (party) => {
      const a = party.cryptensor([1, 2], { src: 0 });
      expect(() => a.max(1)).throw(ShapeError);
    });
  });
});

describe('max pooling', () => {
  const x = tensor([2, 3, 7, 6]);
  const pooled = (k: number, s: number, pad: number, oh: number, ow: number) =>
    Array.from({ length: 6 * oh * ow }, (_, r) => {
      const [plane, i, j] = [Math.floor(r / (oh * ow)), Math.floor(r / ow) % oh, r % ow];
      let best = -Infinity;
      for (let row = i * s - pad; row < i * s - pad + k; row++)
        for (let column = j * s - pad; column < j * s - pad + k; column++)
          if (row >= 0 && row < 7 && column >= 0 && column < 6)
            best = Math.max(best, x.data[(plane * 7 + row) * 6 + column]);
      return best;
    });

  it('takes the kernel as the stride and rounds down', async () => {
    const y = await evaluate(2, [x], (a) => a.maxPool2d({ kernel: [2, 2] }));
    expect(y.shape).deep.equal([2, 3, 3, 3]);
    expect([...y.data]).deep.equal(pooled(2, 2, 0, 3, 3));
    expect(y.rounds).equal(2 * 3);
  });

  it('pads, and rounds up in ceil mode', async () => {
    const padded = await evaluate(3, [x], (a) =>
      a.maxPool2d({ kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1] }),
    );
    expect([...padded.data]).deep.equal(pooled(3, 2, 1, 4, 3));
    const up = await evaluate(2, [x], (a) => a.maxPool2d({ kernel: [2, 2], ceilMode: true }));
    expect([...up.data]).deep.equal(pooled(2, 2, 0, 4, 3));
  });

  it('leaves the truncation of a product to a ReLU', async () => {
    const y = await evaluate(2, [x], (a) =>
      a
        .square()
        .maxPool2d({ kernel: [2, 2] })
        .relu(),
    );
    expect(y.rounds).equal(1 + 2 * 3 + 3);
  });
});
