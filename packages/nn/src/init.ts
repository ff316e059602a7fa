/**
 * Initial values of parameters: a rule that is drawn where it is wanted, in the clear by the owner of a model, or by the
 * dealer, so that nobody knows them.
 */
import { ArgumentError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import type { CrypTensor, Party } from '@tacit/tensor';
import type { Parameter } from './parameter.js';

/** How initial values are drawn. */
export type Initializer =
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'constant'; readonly value: number };

/** What a rule may be scaled by. */
export interface GainOptions {
  /** Factor for the activation that follows. Default 1 for `xavierUniform`, the square root of 2 (ReLU) for `kaimingUniform`. */
  readonly gain?: number;
}

/**
 * Uniform values.
 * @param parameter parameter that is not encrypted yet
 * @param low least value; default 0
 * @param high bound of the values; default 1
 * @throws ArgumentError where the bounds are not numbers in order
 * @example nn.init.uniform(layer.weight, -0.1, 0.1);
 */
export function uniform(parameter: Parameter, low = 0, high = 1): void {
  if (!(low <= high)) throw new ArgumentError(`uniform: from ${low} to ${high}`);
  parameter.initialize({ kind: 'uniform', low, high });
}

/**
 * Normally distributed values.
 * @param parameter parameter that is not encrypted yet
 * @param mean mean; default 0
 * @param std standard deviation; default 1
 * @throws ArgumentError where they are not numbers or the deviation is negative
 * @example nn.init.normal(layer.weight, 0, 0.02);
 */
export function normal(parameter: Parameter, mean = 0, std = 1): void {
  if (!Number.isFinite(mean) || !(std >= 0))
    throw new ArgumentError(`normal: mean ${mean}, deviation ${std}`);
  parameter.initialize({ kind: 'normal', mean, std });
}

/**
 * Zeros.
 * @param parameter parameter that is not encrypted yet
 * @example nn.init.zeros(layer.bias);
 */
export const zeros = (parameter: Parameter): void => parameter.initialize({ kind: 'constant', value: 0 });

/**
 * Ones.
 * @param parameter parameter that is not encrypted yet
 * @example nn.init.ones(norm.weight);
 */
export const ones = (parameter: Parameter): void => parameter.initialize({ kind: 'constant', value: 1 });

/**
 * Uniform values that keep the variance of activations and gradients (Glorot, Bengio 2010, section 4.2.1): up to
 * gain sqrt(6 / (inputs + outputs)).
 * @param parameter weights of two axes or more, not encrypted yet: [outputs, inputs, ...kernel]
 * @param options `gain`
 * @throws ArgumentError for a parameter of fewer axes
 * @example nn.init.xavierUniform(layer.weight);
 */
export function xavierUniform(parameter: Parameter, { gain = 1 }: GainOptions = {}): void {
  const [inputs, outputs] = fans(parameter.shape);
  symmetric(parameter, gain * Math.sqrt(6 / (inputs + outputs)));
}

/**
 * Uniform values that keep the variance of activations through ReLUs (He et al. 2015, section 2.2): up to
 * gain sqrt(3 / inputs).
 * @param parameter weights of two axes or more, not encrypted yet: [outputs, inputs, ...kernel]
 * @param options `gain`
 * @throws ArgumentError for a parameter of fewer axes
 * @example nn.init.kaimingUniform(layer.weight);
 */
export function kaimingUniform(parameter: Parameter, { gain = Math.SQRT2 }: GainOptions = {}): void {
  const [inputs] = fans(parameter.shape);
  symmetric(parameter, gain * Math.sqrt(3 / inputs));
}

const symmetric = (parameter: Parameter, bound: number): void => uniform(parameter, -bound, bound);

function fans(shape: readonly number[]): [inputs: number, outputs: number] {
  if (shape.length < 2)
    throw new ArgumentError(`a parameter [${shape}] has no inputs and outputs to be scaled by`);
  const kernel = sizeOf(shape.slice(2));
  return [shape[1] * kernel, shape[0] * kernel];
}

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
