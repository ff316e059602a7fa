/**
 * Initial values of parameters: a rule that is drawn where it is wanted, in the clear by the owner of a model, or by the
 * dealer, so that nobody knows them.
 */
import type { CrypTensor, Party } from '@tacit/tensor';

/** How initial values are drawn. */
export type Initializer =
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'constant'; readonly value: number };

/**
 * The range of a layer's initial values by default, as PyTorch's: up to 1 / sqrt(inputs) on both sides.
 * @param inputs how many numbers one output is a sum of
 * @returns the rule
 */
export function scaledUniform(inputs: number): Initializer {
  const bound = 1 / Math.sqrt(Math.max(1, inputs));
  return { kind: 'uniform', low: -bound, high: bound };
}

/**
 * Values in the clear, from the machine's cryptographic randomness.
 * @param rule how they are drawn
 * @param count how many
 * @returns the values
 */
export function drawn(rule: Initializer, count: number): Float64Array {
  if (rule.kind === 'constant') return new Float64Array(count).fill(rule.value);
  const next = randomUnits(rule.kind === 'normal' ? 2 * count : count);
  if (rule.kind === 'uniform') return next.map((u) => rule.low + u * (rule.high - rule.low));
  // Box, Muller 1958.
  return Float64Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(1 - next[2 * i]));
    return rule.mean + rule.std * radius * Math.cos(2 * Math.PI * next[2 * i + 1]);
  });
}

/** What `getRandomValues` fills at once. */
const WORDS = 65_536 / 4;

/** Multiples of 2^-53 from 0 to 1. */
function randomUnits(count: number): Float64Array {
  const units = new Float64Array(count);
  const words = new Uint32Array(Math.min(WORDS, 2 * count));
  for (let start = 0; start < count; start += words.length / 2) {
    globalThis.crypto.getRandomValues(words);
    for (let i = start; i < Math.min(count, start + words.length / 2); i++)
      units[i] = ((words[2 * (i - start)] >>> 5) * 2 ** 26 + (words[2 * (i - start) + 1] >>> 6)) / 2 ** 53;
  }
  return units;
}

/**
 * Values that nobody knows. No round.
 * @param party this party
 * @param rule how they are drawn
 * @param shape sizes of the axes
 * @returns a handle, at once
 */
export function drawnByNobody(party: Party, rule: Initializer, shape: readonly number[]): CrypTensor {
  if (rule.kind === 'constant') return party.full(shape, rule.value);
  return party.tidy(() =>
    rule.kind === 'uniform'
      ? party
          .rand(shape)
          .mul(rule.high - rule.low)
          .add(rule.low)
      : party.randn(shape).mul(rule.std).add(rule.mean),
  );
}
