/** Rules for the initial values of parameters that are not encrypted yet: the namespace `nn.init`. */
import { ArgumentError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import type { Parameter } from './parameter.js';

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
