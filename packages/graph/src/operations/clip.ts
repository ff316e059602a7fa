/** x limited to [min, max], exact; a product is truncated in the same rounds. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface ClipAttributes {
  /** null: unlimited. */
  readonly min: number | null;
  readonly max: number | null;
}

export const definition: OperationDefinition<'Clip', ClipAttributes> = {
  op: 'Clip',
  summary: 'x limited to [min, max]',
  attributes: { min: 'limit', max: 'limit' },
  arity: [1, 1],
  monotone: true,
  infer(inputs, { min, max }) {
    if (min !== null && max !== null && min > max)
      throw new ArgumentError(`clip: the lower bound ${min} is above the upper bound ${max}`);
    return [at(inputs, 0)];
  },
  evaluate: ([x], { min, max }) => [map(x, (v) => Math.min(Math.max(v, min ?? -Infinity), max ?? Infinity))],
  expand(k, [x], { min, max }) {
    const above = min === null ? x : k.add(k.relu(k.sub(x, min)), min);
    return [max === null ? above : k.sub(max, k.relu(k.sub(max, above)))];
  },
  gradient(k, { inputs: [x], dy: [dy], attributes: { min, max } }) {
    const above = min === null ? dy : k.mul(k.greaterOrEqual(x, min), dy);
    return [max === null ? above : k.mul(k.lessOrEqual(x, max), above)];
  },
  examples: [
    { shapes: [[2, 3]], attributes: { min: -1, max: 1.5 } },
    { shapes: [[5]], attributes: { min: null, max: 0.25 } },
    { shapes: [[0]], attributes: { min: 0.5, max: null } },
    { shapes: [[2]], attributes: { min: null, max: null } },
    { shapes: [[3]], attributes: { min: 1, max: 1 }, kinks: true },
  ],
};

export const methods = {
  /**
   * x bounded by min and max, exact, in the rounds of a ReLU; either may be left out. A bound beyond the range of
   * values has no effect.
   * @param min lower bound; none by default
   * @param max upper bound; none by default
   * @returns the shape of x
   * @throws ArgumentError where a bound is not a number or min is above max
   * @example x.clip(0, 6)
   */
  clip: (_x: unknown, min?: number, max?: number) => {
    if (Number.isNaN(min) || Number.isNaN(max)) throw new ArgumentError(`clip: bounds ${min} and ${max}`);
    if (min === Infinity || max === -Infinity)
      throw new ArgumentError(`clip: no number lies between ${min} and ${max}`);
    return { attributes: { min: limit(min), max: limit(max) } };
  },
};

const limit = (bound: number | undefined) => (bound === undefined || !Number.isFinite(bound) ? null : bound);
