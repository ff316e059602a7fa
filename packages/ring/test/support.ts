// Words to test with: the values where arithmetic modulo 2^64 goes wrong if it does, between random ones.
import { expect } from 'chai';
import fc from 'fast-check';
import { Ring, type Words } from '../src/index.js';

export const EDGES = [
  0n,
  1n,
  2n ** 64n - 1n,
  2n ** 63n,
  2n ** 63n - 1n,
  2n ** 64n - 2n,
  2n ** 32n,
  2n ** 32n - 1n,
  2n ** 32n + 1n,
] as const;

/** Around the blocks of the bit planes and of the streaming. */
export const LENGTHS = [0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 4097, 8191, 8192, 8193, 20000] as const;

/** A ring, loaded once for the tests of a file. */
export function loadedRing(): () => Ring {
  let ring: Ring | undefined;
  before(async () => {
    ring = await Ring.load();
  });
  return () => {
    if (!ring) throw new Error('the ring is not loaded yet');
    return ring;
  };
}

/** A reproducible stream of words, one in four of them an edge value. */
export function wordSource(seed: number): (n: number) => Words {
  let state = BigInt(seed) * 2n + 1n;
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
  return (n) => {
    const out = new BigUint64Array(n);
    for (let i = 0; i < n; i++) {
      const word = next();
      out[i] = (word & 3n) === 0n ? EDGES[Number((word >> 2n) % BigInt(EDGES.length))] : word;
    }
    return out;
  };
}

/** Copies of the arrays, in the ring's scratch memory where `inside` says so. */
export function placed(ring: Ring, arrays: readonly Words[], inside: (index: number) => boolean): Words[] {
  return arrays.map((array, i) => {
    const copy = inside(i) ? ring.scratch.words(array.length) : new BigUint64Array(array.length);
    copy.set(array);
    return copy;
  });
}

export function expectSame(actual: Words, wanted: Words, what = 'words'): void {
  expect(actual.length, `${what}: length`).to.equal(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    if (actual[i] !== wanted[i]) expect(actual[i], `${what}: element ${i}`).to.equal(wanted[i]);
}

export function expectCode(run: () => unknown, code: string): void {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  expect(caught).to.be.instanceOf(Error);
  expect((caught as { code?: string }).code).to.equal(code);
}

/** Property tests of this package use the same number of runs and report their seed. */
export function check<T extends unknown[]>(property: fc.IPropertyWithHooks<T>, numRuns = 60): void {
  fc.assert(property, { numRuns });
}
