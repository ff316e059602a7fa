/** What a program can get wrong, or could think it does. */
import { ShapeError } from '@tacit/errors';
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
