/**
 * Random numbers that nobody knows: their distributions by bounds that hold for every number of draws, so that a correct
 * sampler fails once in 2^40 runs (Dvoretzky-Kiefer-Wolfowitz and Hoeffding: 2 exp(-2 n e^2)).
 */
import type { Words } from '@tacit/ring';
import { expect } from 'chai';
import { sample } from '../src/distributions.js';
import { type Distribution, openPlain } from '../src/index.js';
import { random } from '../src/protocols/random.js';
import { reveal } from '../src/protocols/reveal.js';
import { runParties, sharedRings, signed } from './helpers/parties.js';

const n = 2 ** 14;
/** 2 exp(-2 n FAR^2) = 2^-41. */
const FAR = Math.sqrt((42 * Math.LN2) / (2 * n));

/** How far the draws are from a distribution function at most, counting what one grid point holds. */
function distance(draws: readonly number[], cdf: (v: number) => number, grid: number): number {
  const sorted = [...draws].sort((a, b) => a - b);
  let most = 0;
  sorted.forEach((v, i) => {
    most = Math.max(most, i / n - cdf(v + grid), cdf(v - grid) - (i + 1) / n);
  });
  return most;
}

/** The standard normal distribution function: Abramowitz and Stegun 26.2.17, 7.5e-8 off. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}

const uniformCdf = (v: number) => Math.min(1, Math.max(0, v));

function expectDrawn(distribution: Distribution, words: Words): void {
  const numbers = signed(words).map((v) => Number(v) / 2 ** 16);
  if (distribution.kind === 'bernoulli') {
    const ones = words.reduce((sum, v) => sum + Number(v), 0) / n;
    expect(words.every((v) => v < 2n)).equal(true);
    expect(Math.abs(ones - distribution.probability)).below(FAR);
    return;
  }
  const cdf = distribution.kind === 'normal' ? normalCdf : uniformCdf;
  expect(distance(numbers, cdf, 2 ** -16)).below(FAR);
  // Neighbours have nothing in common: both above the median once in four.
  const middle = distribution.kind === 'normal' ? 0 : 0.5;
  const both = numbers.filter((v, i) => i % 2 === 0 && v >= middle && numbers[i + 1] >= middle).length;
  expect(Math.abs((2 * both) / n - 0.25)).below(FAR * Math.SQRT2);
}

const DISTRIBUTIONS: readonly Distribution[] = [
  { kind: 'uniform', bits: 16 },
  { kind: 'normal', bits: 16 },
  { kind: 'bernoulli', probability: 0.3 },
  { kind: 'bernoulli', probability: 2 ** -9 },
];

describe('random numbers that nobody knows', () => {
  for (const parties of [2, 3, 5])
    it(`have their distribution, and shares are uniform, ${parties} parties, in chunks`, async () => {
      const { results, sessions } = await runParties(
        parties,
        (session) =>
          Promise.all(
            DISTRIBUTIONS.map(async (distribution) => {
              const drawn = random(session, [n], distribution);
              return { told: (await reveal(session, drawn)) as Words, share: (await drawn.value).slice() };
            }),
          ),
        { config: { chunk: 8192 }, delays: 3 },
      );
      DISTRIBUTIONS.forEach((distribution, i) => {
        const { told } = results[0][i];
        for (const all of results) expect(all[i].told).deep.equal(told);
        expectDrawn(distribution, told);
        // No party's share tells it anything.
        for (const all of results) {
          const share = Array.from(all[i].share, (v) => Number(v) / 2 ** 64);
          expect(distance(share, uniformCdf, 2 ** -52)).below(FAR);
        }
      });
      expect(sessions[0].comm.stats.rounds).equal(1); // the reveal
    });

  it('have their distribution in the plain suite', async () => {
    const [ring] = await sharedRings(1);
    const { engines } = openPlain(2, ring);
    for (const distribution of DISTRIBUTIONS) {
      const [words] = await Promise.all(engines.map((e) => e.reveal(e.random([n], distribution))));
      expectDrawn(distribution, words as Words);
    }
  });

  it('are other ones in every operation, scope and session', async () => {
    const draw = () =>
      runParties(2, (session) => {
        const one = () => random(session, [4], { kind: 'uniform', bits: 63 });
        const all = [one(), one(), session.scope('a', one), session.scope('b', one)];
        return Promise.all(all.map((drawn) => reveal(session, drawn)));
      });
    const runs = [await draw(), await draw()];
    const numbers = runs.flatMap(({ results: [first] }) => first.flatMap((words) => [...(words as Words)]));
    expect(new Set(numbers).size).equal(32);
  });

  it('come from every word: at the ends', async () => {
    const [ring] = await sharedRings(1);
    const ends = [0n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
    const of = (form: Parameters<typeof sample>[1], more: bigint) => {
      const words = BigUint64Array.from(ends);
      sample(
        ring,
        form,
        words,
        words.map(() => more),
      );
      return signed(words);
    };
    expect(of({ sample: 'uniform', amount: 16 }, 0n)).deep.equal([0n, 0n, 32767n, 32768n, 65535n]);
    expect(of({ sample: 'uniform', amount: 63 }, 0n)[4]).equal(2n ** 63n - 1n);
    expect(of({ sample: 'uniform', amount: 0 }, 0n)).deep.equal([0n, 0n, 0n, 0n, 0n]);
    expect(of({ sample: 'bernoulli', amount: 2 ** 52 }, 0n)).deep.equal([1n, 1n, 1n, 1n, 1n]);
    expect(of({ sample: 'bernoulli', amount: 2 ** 51 }, 0n)).deep.equal([1n, 1n, 1n, 0n, 0n]);
    expect(of({ sample: 'bernoulli', amount: 1 }, 0n)).deep.equal([1n, 1n, 0n, 0n, 0n]);
    expect(of({ sample: 'bernoulli', amount: 0 }, 0n)).deep.equal([0n, 0n, 0n, 0n, 0n]);
    const [least, , , middle, most] = of({ sample: 'normal', amount: 48 }, 0n).map(
      (v) => Number(v) / 2 ** 48,
    );
    expect(least).closeTo(Math.sqrt(130 * Math.LN2), 1e-12);
    expect(middle).closeTo(Math.sqrt(2 * Math.LN2), 1e-12);
    expect(most).equal(0);
    expect(Number(of({ sample: 'normal', amount: 16 }, 2n ** 63n)[0])).closeTo(-9.4926 * 2 ** 16, 10);
  });
});
