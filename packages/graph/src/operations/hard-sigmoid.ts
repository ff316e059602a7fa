/** A line between 0 and 1. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface HardSigmoidAttributes {
  readonly alpha: number;
  readonly beta: number;
}

export const definition: OperationDefinition<'HardSigmoid', HardSigmoidAttributes> = {
  op: 'HardSigmoid',
  summary: 'alpha x + beta limited to [0, 1]',
  attributes: { alpha: 'number', beta: 'number' },
  arity: [1, 1],
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { alpha, beta }) => [map(x, (v) => Math.min(Math.max(alpha * v + beta, 0), 1))],
  expand: (k, [x], { alpha, beta }) => [k.clip(k.add(k.mul(x, alpha), beta), { min: 0, max: 1 })],
  // Flat at the corners, too, which lie where the line meets 0 and 1.
  gradient: (k, { inputs: [x], dy: [dy], attributes: { alpha, beta } }) => {
    if (alpha === 0) return [k.mul(dy, 0)];
    const corners = [-beta / alpha, (1 - beta) / alpha];
    const inside = k.mul(k.greater(x, Math.min(...corners)), k.mul(dy, alpha));
    return [k.mul(k.less(x, Math.max(...corners)), inside)];
  },
  onnx: { name: 'HardSigmoid', attributes: { alpha: ['alpha', 0.2], beta: ['beta', 0.5] } },
  examples: [
    { shapes: [[2, 3]], attributes: { alpha: 0.2, beta: 0.5 } },
    { shapes: [[4]], attributes: { alpha: 1 / 6, beta: 0.5 } },
    { shapes: [[]], attributes: { alpha: -1, beta: 0 } },
    { shapes: [[0]], attributes: { alpha: 0.5, beta: 0.6 } },
  ],
};

export const methods = {
  /**
   * x / 6 + 1/2 limited to [0, 1], in the rounds of a ReLU. Files bring their own line.
   * @returns the shape of x
   */
  hardSigmoid: () => ({ attributes: { alpha: 1 / 6, beta: 0.5 } }),
};
