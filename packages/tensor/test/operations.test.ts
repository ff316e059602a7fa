/** Every linear operation of CrypTensor against a slow version in double precision: random shapes, 2 and 3 parties. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { type CrypTensor, cat, stack } from '../src/index.js';
import { type Evaluated, evaluate, runParties } from './helpers/parties.js';
import {
  at,
  averagePool,
  binary,
  conv2d,
  make,
  matmul,
  type Nd,
  sizeOf,
  type Window,
  windows,
} from './helpers/plain.js';

/** Two units in the last place and the rounding of inputs. */
const TOLERANCE = 2 ** -14;
const RUNS = { numRuns: 12 };

/** Multiples of 2^-10 below 4: exact in fixed point. */
const filled = (shape: readonly number[], seed: number): Nd =>
  make(shape, (index) => ((index.reduce((h, i) => h * 31 + i + 1, seed) * 7919) % 8192) / 1024 - 4);
const input = ({ shape, data }: Nd) => ({ dims: shape, data });

function expectClose(y: Evaluated, plain: Nd, tolerance = TOLERANCE): void {
  expect(y.shape).deep.equal(plain.shape);
  plain.data.forEach((v, i) => {
    expect(y.data[i], `element ${i}`).closeTo(v, tolerance);
  });
}

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
});

describe('matrix products', () => {
  const shapes: [number[], number[]][] = [
    [
      [3, 4],
      [4, 2],
    ],
    [[4], [4, 2]],
    [[3, 4], [4]],
    [[4], [4]],
    [
      [2, 3, 4],
      [4, 2],
    ],
    [
      [2, 3, 4],
      [2, 4, 2],
    ],
    [
      [3, 4],
      [2, 4, 2],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 2, 1, 3],
      [2, 2, 3, 1],
    ],
  ];
  for (const [a, b] of shapes)
    it(`[${a}] by [${b}]: secret, public and owned`, async () => {
      const x = filled(a, 11);
      const y = filled(b, 12);
      const plain = matmul(x, y);
      for (const n of [2, 3])
        expectClose(await evaluate(n, [input(x), input(y)], (p, q) => p.matmul(q)), plain);
      expectClose(await evaluate(2, [input(x)], (p) => p.matmul(input(y))), plain);
      const results = await runParties(3, async (party) =>
        party
          .cryptensor(input(x), { src: 2 })
          .matmul(party.owned(input(y), { src: 1 }))
          .revealFloat64(),
      );
      for (const r of results) expectClose({ ...(r as Nd), rounds: 0 }, plain);
    });

  it('names both shapes when they do not fit', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(input(filled([2, 3], 1)), { src: 0 });
      expect(() => x.matmul(x)).throw(/\[2, 3\] and \[2, 3\]/);
      expect(() => x.add(party.cryptensor([1, 2], { src: 0 }))).throw(/\[2, 3\] and \[2\]/);
    }));
});

describe('windows', () => {
  const small = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 2 }),
    inPer: fc.integer({ min: 1, max: 2 }),
    outPer: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 3, max: 6 }),
    width: fc.integer({ min: 3, max: 6 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  });

  it('convolutions of secret, public and owned weights', () =>
    fc.assert(
      fc.asyncProperty(small, async ({ batch, groups, inPer, outPer, height, width, ...rest }) => {
        const window: Window = rest;
        const x = filled([batch, groups * inPer, height, width], 13);
        fc.pre(windows(x.shape, window).every((d) => d >= 1));
        const w = filled([groups * outPer, inPer, ...window.kernel], 14);
        const plain = conv2d(x, w, groups, window);
        const options = { ...window, groups };
        expectClose(await evaluate(2, [input(x), input(w)], (a, b) => a.conv2d(b, options)), plain);
        expectClose(await evaluate(2, [input(x)], (a) => a.conv2d(input(w), options)), plain);
        const results = await runParties(2, async (party) =>
          party
            .cryptensor(input(x), { src: 1 })
            .conv2d(party.owned(input(w), { src: 0 }), options)
            .revealFloat64(),
        );
        for (const r of results) expectClose({ ...(r as Nd), rounds: 0 }, plain);
      }),
      RUNS,
    ));

  it('convolutions over one axis', async () => {
    const x = filled([2, 3, 9], 15);
    const w = filled([4, 3, 3], 16);
    const options = { stride: 2, dilation: 1, pads: [2, 1] as const };
    const plain = conv2d({ shape: [2, 3, 1, 9], data: x.data }, { shape: [4, 3, 1, 3], data: w.data }, 1, {
      kernel: [1, 3],
      stride: [1, 2],
      dilation: [1, 1],
      pads: [0, 2, 0, 1],
    });
    const shape = [2, 4, plain.shape[3]];
    expectClose(await evaluate(2, [input(x), input(w)], (a, b) => a.conv1d(b, options)), {
      shape,
      data: plain.data,
    });
  });

  it('average pooling, with and without counting the padding', () =>
    fc.assert(
      fc.asyncProperty(
        small,
        fc.boolean(),
        async ({ batch, inPer, height, width, kernel, stride, pads }, countIncludePad) => {
          const window: Window = {
            kernel,
            stride,
            dilation: [1, 1],
            pads: pads.map((p, i) => Math.min(p, kernel[i % 2] - 1)) as never,
          };
          const x = filled([batch, inPer, height, width], 17);
          fc.pre(windows(x.shape, window).every((d) => d >= 1));
          const plain = averagePool(x, window, countIncludePad);
          expectClose(
            await evaluate(2, [input(x)], (a) => a.avgPool2d({ ...window, countIncludePad })),
            plain,
          );
        },
      ),
      RUNS,
    ));
});

describe('views', () => {
  const a = filled([2, 3, 4], 18);
  const pick = (shape: number[], from: (index: number[]) => number[]) => make(shape, (i) => at(a, from(i)));
  const cases: [string, (x: CrypTensor) => CrypTensor, Nd][] = [
    ['reshape', (x) => x.reshape([4, -1]), { shape: [4, 6], data: a.data }],
    ['flatten', (x) => x.flatten(1), { shape: [2, 12], data: a.data }],
    ['transpose', (x) => x.transpose(), pick([4, 3, 2], ([i, j, k]) => [k, j, i])],
    ['permute', (x) => x.transpose([1, 0, 2]), pick([3, 2, 4], ([i, j, k]) => [j, i, k])],
    ['slice', (x) => x.slice([0, 1], [1, 3]), pick([1, 2, 4], ([i, j, k]) => [i, j + 1, k])],
    [
      'slice from the end',
      (x) => x.slice([0, 0, -2], [2, 3, 4]),
      pick([2, 3, 2], ([i, j, k]) => [i, j, k + 2]),
    ],
    [
      'unsqueeze and squeeze',
      (x) => x.unsqueeze(1).squeeze(1).unsqueeze(-1),
      { shape: [2, 3, 4, 1], data: a.data },
    ],
    ['expand', (x) => x.slice([0], [1]).expand([5, 3, 4]), pick([5, 3, 4], ([, j, k]) => [0, j, k])],
    [
      'pad',
      (x) => x.pad([0, 1, 0, 0, 0, 2], 1.5),
      make([2, 4, 6], ([i, j, k]) => (j === 0 || k > 3 ? 1.5 : at(a, [i, j - 1, k]))),
    ],
    ['cat', (x) => cat([x, x], 1), pick([2, 6, 4], ([i, j, k]) => [i, j % 3, k])],
    ['stack', (x) => stack([x, x], 0), pick([2, 2, 3, 4], ([, i, j, k]) => [i, j, k])],
  ];
  for (const [name, f, plain] of cases)
    it(name, async () => {
      expectClose(await evaluate(2, [input(a)], f), plain);
      // A view of what was masked before, and a product of a view: the mask follows.
      const squared = { shape: plain.shape, data: plain.data.map((v) => v * v) };
      if (name !== 'pad') expectClose(await evaluate(2, [input(a)], (x) => f(x).mul(f(x))), squared);
    });

  it('refuses what does not fit, with the shapes', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor(input(a), { src: 0 });
      expect(() => x.reshape([5, 5])).throw(/\[2, 3, 4\]/);
      expect(() => x.transpose([0, 0, 1])).throw();
      expect(() => x.squeeze(0)).throw(/axes \[0\]/);
      expect(() => cat([x, x.transpose()], 0)).throw();
      expect(() => x.pad([1, 2])).throw();
    }));
});

describe('programs', () => {
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

  it('reveal tells nobody where the recipient is misspelt', async () => {
    const results = await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      const told: string[] = [];
      for (const call of [
        () => x.getPlainText({ dst: 0 } as never),
        () => x.getPlainText(0 as never),
        () => x.reveal(1 as never),
        () => x.reveal(null as never),
        () => x.reveal({ dst: 1 } as never),
        () => x.reveal({ to: undefined }),
        () => x.reveal({ to: 2 }),
        () => x.reveal({ to: '1' } as never),
        () => x.reveal({ to: null } as never),
        () => x.reveal({ to: Number.NaN }),
        () => x.revealFloat64({ dst: 1 } as never),
      ])
        told.push(
          await call().then(
            () => 'told',
            () => 'refused',
          ),
        );
      return [told.join(), (await x.revealFloat64({ to: 0 }))?.data.join()];
    });
    const refused = new Array(11).fill('refused').join();
    expect(results).deep.equal([
      [refused, '1,2'],
      [refused, undefined],
    ]);
  });
  it('options that nobody reads are refused', () =>
    runParties(2, async (party) => {
      for (const make of [
        () => party.cryptensor([1], { src: 0, fractionBits: 8 } as never),
        () => party.owned([1], { src: 0, precision: 8 } as never),
        () => party.weights([1], { src: 0, to: 1 } as never),
      ])
        expect(make).throws(ArgumentError, /has no option/);
    }));
  it('axes that are neither a number nor a list, and means of nothing, are refused', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      for (const axes of [{ axes: [0] }, '0', null, true])
        expect(() => x.sum(axes as never)).throws(ArgumentError);
      const none = party.cryptensor([], { src: 0, shape: [2, 0, 3] });
      expect(() => none.mean(1)).throws(ShapeError, /mean of no elements/);
      expect(() => none.mean()).throws(ShapeError);
      expect(() => party.cryptensor([], { src: 0, shape: [1, 2, 0] }).globalAvgPool()).throws(ShapeError);
      expect((await none.mean(0).revealFloat64())?.shape).deep.equal([0, 3]);
    }));
  it('reveal tells only who may know', async () => {
    const results = await runParties(3, async (party) => {
      const x = party.cryptensor([1.5, -2], { src: 0 });
      const y = await x.reveal({ to: 2 });
      return y && [...(y.data as Float32Array)];
    });
    expect(results).deep.equal([undefined, undefined, [1.5, -2]]);
  });

  for (const parties of [2, 3, 5])
    it(`reveal of a product to one: rounded on its way at two parties, after a truncation at more, ${parties} parties`, async () => {
      const numbers = [1.5, -2, 0.3, 1000.25];
      const results = await runParties(parties, async (party) => {
        const x = party.cryptensor(numbers, { src: 0 });
        const y = x.square().add(1);
        party.stats.reset();
        const first = await y.revealFloat64({ to: 1 });
        const { rounds } = party.stats.snapshot();
        const again = await y.revealFloat64({ to: 1 });
        const all = await y.revealFloat64();
        const then = await y.revealFloat64({ to: 1 });
        return { rounds, told: [first, again, then].map((p) => p && [...p.data]), all: all && [...all.data] };
      });
      results.forEach(({ told, all }, rank) => {
        const seen = rank === 1 ? [...told, all] : [all];
        for (const values of seen)
          values?.forEach((v, i) => {
            const encoded = Math.round(numbers[i] * 2 ** 16) / 2 ** 16;
            expect(v * 2 ** 16 - Math.floor((encoded * encoded + 1) * 2 ** 16)).within(0, 1);
          });
        if (rank !== 1) expect(told).deep.equal([undefined, undefined, undefined]);
        else expect(told[1]).deep.equal(told[0]);
      });
      // The mask and the reveal; with more than two parties the truncation between them.
      expect(Math.max(...results.map(({ rounds }) => rounds))).equal(parties === 2 ? 2 : 3);
    });

  it('tidy disposes what is not returned, and nothing else', async () => {
    await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { src: 0 });
      let middle: CrypTensor | undefined;
      const y = party.tidy(() => {
        middle = x.mul(x);
        return middle.add(x);
      });
      expect(() => middle?.add(1)).throw(/disposed/);
      expect((await y.revealFloat64())?.data[2]).closeTo(12, 1e-4);
      expect((await x.revealFloat64())?.data[2]).closeTo(3, 1e-4);
      x.dispose();
      expect(() => x.add(1)).throw(/disposed/);
    });
  });

  it('operators of JavaScript on tensors are errors that say what to write', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1], { src: 0 });
      expect(() => (x as unknown as number) < 2).throw(/lt\(/);
      expect(() => `${x}`).throw(TypeError);
    }));

  it('values out of range and ragged arrays are errors at their owner', () =>
    runParties(2, async (party) => {
      if (party.rank === 0)
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 47])
          expect(() => party.cryptensor([bad], { src: 0 }))
            .throw()
            .with.property('code', 'VALUE_OUT_OF_RANGE');
      expect(() => party.cryptensor([[1, 2], [3]], { src: 0 })).throw(/ragged/);
      expect(() => party.cryptensor('x' as never, { src: 0 }))
        .throw()
        .with.property('code', 'INPUT_TYPE');
      expect(() => party.cryptensor([1], { src: 5 })).throw(ArgumentError);
    }));

  it('scopes number concurrent parts on their own', async () => {
    const results = await runParties(2, async (party) => {
      const x = party.cryptensor([1, -2, 3], { src: 0 });
      await x.masked();
      const parts = party.rank === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a'];
      const made = parts.map((name) => ({ name, y: party.scope(name, () => x.relu().mul(x)) }));
      made.sort((p, q) => (p.name < q.name ? -1 : 1));
      const all = await Promise.all(made.map(({ name, y }) => party.scope(name, () => y.revealFloat64())));
      return all.map((p) => Array.from(p?.data ?? []).map((v) => Math.round(v * 1000) / 1000));
    });
    for (const r of results)
      expect(r).deep.equal([
        [1, 0, 9],
        [1, 0, 9],
        [1, 0, 9],
      ]);
  });
});
