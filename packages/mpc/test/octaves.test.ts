/** Logarithm, roots and reciprocal over all octaves, against double precision. */
import { expect } from 'chai';
import type { OctaveFunction, Octaves } from '../src/engine.js';
import { BT3, BT4 } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { octaveFunction, quotient } from '../src/protocols/octaves.js';
import { compute, runParties } from './helpers/parties.js';

const F = 16;
const FUNCTIONS: Record<OctaveFunction, (x: number) => number> = {
  log: Math.log,
  sqrt: Math.sqrt,
  invSqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
};
/** Where each is right: from here to 2^30. */
const LOW: Record<OctaveFunction, number> = {
  log: 2 ** -14,
  sqrt: 2 ** -14,
  invSqrt: 2 ** -14,
  reciprocal: 2 ** -8,
};

/** Numbers of every octave from low to 2^30 in units of 2^-16: both ends of each, and some within. */
function points(low: number, count: number): bigint[] {
  const values: bigint[] = [];
  for (let k = Math.log2(low); k < 30; k++)
    for (const m of [1, 1 + 2 ** -20, 1.37, 1.5, 1.999999]) values.push(BigInt(Math.floor(m * 2 ** (k + F))));
  for (let i = 0; values.length < count; i++)
    values.push(
      BigInt(Math.floor(2 ** (Math.log2(low) + F + ((i * 0.6180339887) % 1) * (30 - Math.log2(low))))),
    );
  return values;
}

function expectClose(kind: OctaveFunction, x: readonly bigint[], y: readonly bigint[], f = F): void {
  x.forEach((v, i) => {
    const right = FUNCTIONS[kind](Number(v) / 2 ** f);
    const error = Math.abs(Number(y[i]) / 2 ** f - right);
    const allowed = kind === 'log' ? 2 ** -10 : Math.max(2 ** -10 * Math.abs(right), 2 * 2 ** -f);
    expect(error, `${kind}(${Number(v) / 2 ** f})`).at.most(allowed);
  });
}

describe('functions by octaves', () => {
  for (const kind of Object.keys(FUNCTIONS) as OctaveFunction[]) {
    const run = (x: bigint[], options: object = {}, parties = 2, octaves: Octaves = {}) =>
      compute(parties, [x], (s, a) => octaveFunction(s, kind, a, F, octaves), options);

    it(`${kind}: 10^4 points of all octaves`, async () => {
      const x = points(LOW[kind], 10_000);
      expectClose(kind, x, (await run(x)).values);
    });
    for (const [name, config] of Object.entries({
      BT3: { tree: BT3 },
      BT4: { tree: BT4 },
      exact: { truncation: 'exact' },
    }))
      for (const parties of [2, 3, 5])
        it(`${kind}: ${name}, ${parties} parties`, async () => {
          const x = points(LOW[kind], 250);
          expectClose(kind, x, (await run(x, { config }, parties)).values);
        });
    it(`${kind}: rounds`, async () => {
      const { results } = await runParties(
        2,
        async (s) => octaveFunction(s, kind, shareInput(s, 0, [1], BigUint64Array.of(1n << 16n)), F).depth,
        { config: { tree: BT3 } },
      );
      expect(results[0]).equal(kind === 'log' ? 6 : 8);
    });
    it(`${kind}: saturates below its domain`, async () => {
      const low = BigInt(LOW[kind] * 2 ** F);
      const { values } = await run([low, 0n, -1n, low - 1n, -(1n << 40n)]);
      if (kind === 'sqrt') expect(values.slice(1)).deep.equal([0n, 0n, 0n, 0n]);
      else for (const v of values) expect(Number(v - values[0])).within(-(2 ** 5), 2 ** 5);
    });
  }

  it('reciprocals of both signs', async () => {
    const positive = points(2 ** -8, 300);
    const x = [...positive, ...positive.map((v) => -v)];
    const { values } = await compute(2, [x], (s, a) =>
      octaveFunction(s, 'reciprocal', a, F, { signed: true }),
    );
    expectClose('reciprocal', x, values);
    const near = [0n, 1n, -1n, 255n, -255n];
    const saturated = await compute(2, [near], (s, a) =>
      octaveFunction(s, 'reciprocal', a, F, { signed: true }),
    );
    saturated.values.forEach((v, i) => {
      expect(Number(v) / 2 ** F).closeTo(near[i] < 0n ? -256 : 256, 0.3);
    });
  });

  for (const [name, config] of Object.entries({
    BT3: { tree: BT3 },
    BT4: { tree: BT4 },
    exact: { truncation: 'exact' as const },
  }))
    for (const parties of [2, 3, 5])
      it(`quotients of all magnitudes: ${name}, ${parties} parties`, async () => {
        const x: bigint[] = [];
        const y: bigint[] = [];
        const pair = (a: number, b: number) => {
          const [u, v] = [a, b].map((w) => BigInt(Math.round(w * 2 ** F)));
          if (Math.abs(Number(u) / Number(v)) >= 2 ** 28) return;
          x.push(u, -u, u);
          y.push(v, v, -v);
        };
        for (let i = -8; i < 30; i += 0.37) for (let j = -16; j < 28; j += 3.1) pair(2 ** j * 1.13, 2 ** i);
        for (const [a, b] of [
          [2 ** 20 - 1, 2 ** -8],
          [2 ** 28 - 1, 2 ** 29],
          [1, 2 ** 29],
          [0, 3],
          [2 ** 28 - 1, 1],
          [12345.678, 12345.678],
          [1, 3],
        ])
          pair(a, b);
        const { values } = await compute(parties, [x, y], (s, a, b) => quotient(s, a, b), { config });
        values.forEach((v, i) => {
          const right = Number(x[i]) / Number(y[i]);
          const allowed = Math.max(2 ** -10 * Math.abs(right), 2 * 2 ** -F);
          expect(Math.abs(Number(v) / 2 ** F - right), `${x[i]} / ${y[i]}`).at.most(allowed);
        });
      });

  it('of numbers in a known range', async () => {
    const x = Array.from({ length: 500 }, (_, i) => BigInt(Math.floor(2 ** F * (1 + i * 8.1))));
    for (const kind of ['reciprocal', 'log', 'invSqrt'] as const) {
      const { values } = await compute(2, [x], (s, a) => octaveFunction(s, kind, a, F, { low: 0, high: 13 }));
      expectClose(kind, x, values);
    }
  });
});
