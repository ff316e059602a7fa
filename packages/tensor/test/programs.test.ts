/** What a program can get wrong, or could think it does. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { DisposedError } from '@tacit/mpc';
import { expect } from 'chai';
import type { CrypTensor, Party } from '../src/index.js';
import { evaluate, runParties } from './helpers/parties.js';

/** The error that the first party to fail got, and what anybody saw. */
async function fails(
  program: (party: Party) => Promise<unknown>,
): Promise<{ error: Error & { code?: string; remoteCode?: string }; seen: unknown[] }> {
  const seen: unknown[] = [];
  try {
    await runParties(2, async (party) => {
      seen.push(await program(party));
    });
  } catch (error) {
    return { error: error as Error, seen };
  }
  throw new Error('it did not fail');
}

/** Programs that differ in a number that both parties should know. */
const different: Record<string, (x: CrypTensor, odd: boolean) => CrypTensor> = {
  'a factor': (x, odd) => x.mul(odd ? 0.5 : 0.25),
  'factors of several elements': (x, odd) => x.mul([1, odd ? 0.5 : 0.25]),
  'a summand': (x, odd) => x.add(odd ? 0.5 : 0.25),
  'a bias': (x, odd) =>
    x
      .unsqueeze(0)
      .expand([3, 2])
      .add([1, odd ? 2 : 3]),
  'a public matrix': (x, odd) =>
    x.matmul([
      [1, 2],
      [3, odd ? 4 : 5],
    ]),
  'public weights of a convolution': (x, odd) =>
    x.reshape([1, 1, 1, 2]).conv2d({ dims: [1, 1, 1, 1], data: [odd ? 1 : 2] }),
  'a divisor that moves the binary point only': (x, odd) => x.div(odd ? 2 : 4),
  'a bound': (x, odd) => x.clip(0, odd ? 1 : 2),
  'a pad value': (x, odd) => x.pad([1, 1], odd ? 1 : 0),
};

describe('programs that differ', () => {
  for (const [name, f] of Object.entries(different))
    it(`in ${name} end with an error, not a number`, async () => {
      const { error, seen } = await fails(async (party) =>
        f(party.cryptensor([1, 2], { src: 0 }), party.rank === 1).getPlainText(),
      );
      expect(seen).deep.equal([]);
      expect(`${error.code} ${error.message}`).match(/PROGRAM_MISMATCH/);
    });

  it('in the precision of an input end with an error', async () => {
    const { error, seen } = await fails(async (party) =>
      party.cryptensor([1, 2], { src: 0, precision: party.rank === 0 ? 8 : 16 }).getPlainText(),
    );
    expect(seen).deep.equal([]);
    // The party that finds out first tells the other, which may then fail with what it was told.
    expect(`${error.code} ${error.message}`).match(/PROGRAM_MISMATCH/);
  });
});

describe('programs', () => {
  it('may look at rounds at one party only: that issues nothing', async () => {
    const results = await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      const y = x.mul(x);
      if (party.rank === 0) expect(y.rounds).equal(1);
      const plain = await y.getPlainText();
      return Array.from(plain.data as Float32Array);
    });
    expect(results).deep.equal([
      [1, 4],
      [1, 4],
    ]);
  });

  it('that use a disposed product get an error', async () => {
    await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      const y = x.mul(x);
      y.dispose();
      expect(() => y.relu()).throw(DisposedError);
      expect(() => y.add(1)).throw(DisposedError);
      x.dispose();
      expect(() => x.mul(x)).throw(DisposedError);
    });
  });

  it('keep the values of a product whose operands were disposed before it is issued', async () => {
    const results = await runParties(3, async (party) => {
      const x = party.cryptensor(new Float64Array(2000).fill(1.5), { src: 0 });
      const y = x.mul(x);
      x.dispose();
      // Takes the words of x from the pool, if they were in it.
      const others = [1, 2, 3].map((v) =>
        party.cryptensor(new Float64Array(2000).fill(v), { src: 1 }).add(v).relu(),
      );
      for (const other of others) await other.getPlainText();
      return (await y.revealFloat64())?.data;
    });
    for (const data of results) expect(new Set(data)).deep.equal(new Set([2.25]));
  });

  it('whose owner gives no values fail there', async () => {
    await runParties(2, async (party) => {
      const options = { src: 0, shape: [2] };
      if (party.rank === 0) expect(() => party.owned(undefined, options)).throw(ShapeError);
      else party.owned(undefined, options);
    });
  });

  it('number announcements where they are called, whenever values arrive', async () => {
    const later = <T>(value: T, ms: number) =>
      new Promise<T>((resolve) => {
        setTimeout(resolve, ms, value);
      });
    const results = await runParties(3, async (party) => {
      const mine = <T>(src: number, value: () => Promise<T>) =>
        party.announce(party.rank === src ? value() : undefined, { src });
      return Promise.all([
        mine(0, () => later('slow', 20)),
        mine(0, () => later('quick', 1)),
        mine(1, () => later('other', 10)),
      ]);
    });
    for (const values of results) expect(values).deep.equal(['slow', 'quick', 'other']);
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
      const bits = Uint16Array.of(0x3c00);
      for (const wrong of ['x', [null], [[1], 2n], new DataView(new ArrayBuffer(8))])
        expect(() => party.cryptensor(wrong as never, { src: 0 })).throw();
      for (const data of [['1'], [null], [[1]], 'x'])
        expect(() => party.cryptensor({ dims: [1], data }, { src: 0 }), String(data))
          .throw()
          .with.property('code', 'INPUT_TYPE');
      expect(() => party.cryptensor({ type: 'float16', dims: [1], data: bits }, { src: 0 }))
        .throw('bits')
        .with.property('code', 'INPUT_TYPE');
      for (const taken of [BigInt64Array.of(3n, -1n), { dims: [2], data: [3n, -1n] }])
        expect((await party.cryptensor(taken, { src: 0 }).reveal())?.data).deep.equal(Float32Array.of(3, -1));
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

describe('shapes of matrix products', () => {
  const filled = (shape: readonly number[]) => ({
    dims: shape,
    data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
  });
  for (const [a, b, expected] of [
    [
      [1, 1, 2, 3],
      [4, 3, 2],
      [1, 4, 2, 2],
    ],
    [
      [4, 2, 3],
      [1, 1, 3, 2],
      [1, 4, 2, 2],
    ],
    [
      [2, 0],
      [0, 3],
      [2, 3],
    ],
    [
      [0, 2, 3],
      [3, 2],
      [0, 2, 2],
    ],
  ])
    it(`[${a}] by [${b}] is [${expected}], as in NumPy`, async () => {
      const { shape, data } = await evaluate(2, [filled(a), filled(b)], (x, y) => x.matmul(y));
      expect(shape).deep.equal(expected);
      const value = a[a.length - 1] / 4;
      expect([...data].every((v) => Math.abs(v - value) < 1e-4)).equal(true);
    });
});
