/** Keys and arithmetic of one small instance of each scheme. */
import { findPrimes, nextPlainModulus } from '@tacit/he/backend';
import type { Arithmetic, KeyHolder } from '../../src/layers/index.js';
import {
  BfvKeyHolder,
  CkksKeyHolder,
  createBfvArithmetic,
  createCkksArithmetic,
  decryptTensor,
  type EncodedLayer,
  encryptTensor,
  exportTensor,
  importTensor,
  type ValueRange,
} from '../../src/layers/index.js';

export interface Pair<C extends object> {
  readonly holder: KeyHolder;
  readonly arithmetic: Arithmetic<C>;
  dispose(): void;
}

const pairOf = <C extends object>(holder: KeyHolder, arithmetic: Arithmetic<C>): Pair<C> => ({
  holder,
  arithmetic,
  dispose: () => {
    arithmetic.dispose();
    holder.dispose();
  },
});

/** Ring degree 4096: two data primes of 36 bits each, t of 20 bits. */
export async function smallBfv(options: { ringDegree?: number; plainModulus?: bigint } = {}) {
  const parameters = {
    scheme: 'bfv',
    ringDegree: options.ringDegree ?? 4096,
    plainModulus: nextPlainModulus(options.ringDegree ?? 4096, options.plainModulus ?? 1n << 19n),
    fractionalDigits: 16,
  } as const;
  const holder = await BfvKeyHolder.create(parameters);
  return pairOf(holder, await createBfvArithmetic(parameters, holder.evaluationKeys()));
}

/** Ring degree 4096 and three data primes of 26 bits, or 8192 and six of 30: what 128-bit security allows. */
export async function smallCkks(options: { ringDegree?: 4096 | 8192 } = {}) {
  const { ringDegree = 4096 } = options;
  const [bits, count] = ringDegree === 4096 ? [26, 3] : [30, 6];
  const [specialPrime, ...primes] = findPrimes(ringDegree, bits, count + 1);
  const parameters = { scheme: 'ckks', ringDegree, primes, specialPrime, scale: 2 ** bits } as const;
  const holder = await CkksKeyHolder.create(parameters);
  return pairOf(holder, await createCkksArithmetic(parameters, holder.evaluationKeys()));
}

/** Encrypts images, runs a layer on them, and decrypts. */
export function throughLayer<C extends object>(
  { holder, arithmetic }: Pair<C>,
  layer: EncodedLayer,
  images: readonly ArrayLike<number>[],
  shape: readonly number[],
  range: ValueRange = { low: -1, high: 1 },
) {
  const input = importTensor(arithmetic, encryptTensor(holder, images, shape, range));
  const output = layer.forward(input);
  const result = { values: decryptTensor(holder, exportTensor(output)), shape: output.shape };
  input.dispose();
  output.dispose();
  return result;
}

/** Numbers from -1 to 1, always the same. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 0x7fffffff;
    return (2 * state) / 0x7fffffff - 1;
  });
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
