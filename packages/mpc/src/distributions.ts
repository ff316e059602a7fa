/**
 * Samples of distributions from uniform words of 64 bits: what a dealer deals, and what the plain suite draws. No branch
 * depends on what is drawn.
 *
 *     uniform     whole numbers below 2^bits: the high bits of a word
 *     bernoulli   [the high 52 bits of a word < t], t = probability 2^52 rounded: off by 2^-53 at most
 *     normal      Box-Muller, "A Note on the Generation of Random Normal Deviates", Ann. Math. Statist. 29 (1958): of two
 *                 words as u, v in (0, 1], sqrt(-2 ln u) cos(2 pi v) in double precision, times 2^bits, rounded. u has
 *                 all 64 bits, so that the tails reach 9.4 standard deviations; beyond them lie less than 2^-65.
 */
import type { Ring, Words } from '@tacit/ring';

/** What is drawn, element by element. */
export type Distribution =
  /** Whole numbers from 0 to 2^bits - 1, each as likely as any other. 0 to 63 bits. */
  | { readonly kind: 'uniform'; readonly bits: number }
  /** A standard normal variable times 2^bits, rounded. 0 to 48 bits. */
  | { readonly kind: 'normal'; readonly bits: number }
  /** 1 with this probability, else 0. */
  | { readonly kind: 'bernoulli'; readonly probability: number };

/** The kinds, with the most bits that results may have. */
export const MOST_BITS = { uniform: 63, normal: 48, bernoulli: 52 } as const;
const PROBABILITY_BITS = MOST_BITS.bernoulli;

/** A distribution as a kind and one whole number: its bits, or the probability in units of 2^-52. */
export interface SampleForm {
  readonly sample: Distribution['kind'];
  readonly amount: number;
}

/** @throws RangeError for bits or a probability that are out of range */
export function formOf(distribution: Distribution): SampleForm {
  const { kind } = distribution;
  if (kind === 'bernoulli') {
    const { probability } = distribution;
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`a probability is a number from 0 to 1, not ${probability}`);
    return { sample: kind, amount: Math.round(probability * 2 ** PROBABILITY_BITS) };
  }
  const { bits } = distribution;
  if (!Number.isInteger(bits) || bits < 0 || bits > MOST_BITS[kind])
    throw new RangeError(`${kind} random numbers have 0 to ${MOST_BITS[kind]} bits, not ${bits}`);
  return { sample: kind, amount: bits };
}

/**
 * Makes samples of uniform words, in place.
 * @param more as many other uniform words, for normal variables; destroyed
 */
export function sample(ring: Ring, { sample: kind, amount }: SampleForm, words: Words, more: Words): void {
  if (kind === 'normal') {
    normal(words, more, 2 ** amount);
    return;
  }
  if (kind === 'uniform') {
    // By less than 64 at a time.
    ring.shrU(words, words, 1);
    ring.shrU(words, words, 63 - amount);
    return;
  }
  // u < t where u - t is negative: both are below 2^53.
  ring.shrU(words, words, 64 - PROBABILITY_BITS);
  ring.subScalar(words, words, BigInt(amount));
  ring.shrU(words, words, 63);
}

/** The number in (0, 1] that a word stands for. */
const unit = (halves: Uint32Array, i: number): number =>
  (halves[2 * i + 1] * 2 ** 32 + halves[2 * i] + 0.5) * 2 ** -64;

function normal(words: Words, more: Words, scale: number): void {
  const [u, v] = [words, more].map((w) => new Uint32Array(w.buffer, w.byteOffset, 2 * w.length));
  for (let i = 0; i < words.length; i++) {
    const z = Math.sqrt(-2 * Math.log(unit(u, i))) * Math.cos(2 * Math.PI * unit(v, i));
    words[i] = BigInt.asUintN(64, BigInt(Math.round(z * scale)));
  }
}
