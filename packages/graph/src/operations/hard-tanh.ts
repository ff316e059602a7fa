/** x limited to [min, max] as an activation: flat at its limits, too, as in PyTorch, where Clip counts them as inside. */
import { ArgumentError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface HardTanhAttributes {
  readonly min: number;
  readonly max: number;
}

export const definition: OperationDefinition<'HardTanh', HardTanhAttributes> = {
  op: 'HardTanh',
  summary: 'x limited to [min, max], with slope 0 at the limits',
  attributes: { min: 'number', max: 'number' },
  arity: [1, 1],
  monotone: true,
  infer(inputs, { min, max }) {
    if (min > max)
      throw new ArgumentError(`hardtanh: the lower bound ${min} is above the upper bound ${max}`);
    return [at(inputs, 0)];
  },
  evaluate: ([x], { min, max }) => [map(x, (v) => Math.min(Math.max(v, min), max))],
  expand: (k, [x], { min, max }) => [k.clip(x, { min, max })],
  gradient: (k, { inputs: [x], dy: [dy], attributes: { min, max } }) => [
    k.mul(k.less(x, max), k.mul(k.greater(x, min), dy)),
  ],
  examples: [
    { shapes: [[2, 3]], attributes: { min: -1, max: 1.5 } },
    { shapes: [[]], attributes: { min: 0, max: 6 } },
    { shapes: [[0]], attributes: { min: 0, max: 6 } },
    { shapes: [[3]], attributes: { min: 1, max: 1 }, kinks: true },
  ],
};

export const methods = {
  /**
   * x bounded by 0 and 6, exact, in the rounds of a ReLU. The gradient is 0 at both.
   * @returns the shape of x
   */
  relu6: () => ({ attributes: { min: 0, max: 6 } }),

  /**
   * x bounded by min and max, exact, in the rounds of a ReLU. The gradient is 0 at both.
   * @param min lower bound, default -1
   * @param max upper bound, default 1
   * @returns the shape of x
   * @throws ArgumentError where min is above max, or one is not finite
   */
  hardtanh: (_x: unknown, min = -1, max = 1) => {
    if (!Number.isFinite(min) || !Number.isFinite(max))
      throw new ArgumentError(`hardtanh: bounds ${min} and ${max}`);
    return { attributes: { min, max } };
  },
};
