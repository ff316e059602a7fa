/** x above a threshold, 0 elsewhere. Konda, Memisevic, Krueger: 2014. */
import type { OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';

interface ThresholdedReluAttributes {
  readonly alpha: number;
}

export const definition: OperationDefinition<'ThresholdedRelu', ThresholdedReluAttributes> = {
  op: 'ThresholdedRelu',
  summary: 'x > alpha ? x : 0',
  attributes: { alpha: 'number' },
  arity: [1, 1],
  infer: (inputs) => [at(inputs, 0)],
  evaluate: ([x], { alpha }) => [map(x, (v) => (v > alpha ? v : 0))],
  expand: (k, [x], { alpha }) => [k.mul(k.greater(x, alpha), x)],
  onnx: { name: 'ThresholdedRelu', since: 10, attributes: { alpha: ['alpha', 1] } },
  examples: [
    { shapes: [[2, 3]], attributes: { alpha: 1 } },
    { shapes: [[4]], attributes: { alpha: -1.5 } },
    { shapes: [[]], attributes: { alpha: 0 } },
    { shapes: [[0]], attributes: { alpha: 1 } },
  ],
};

export const methods = {};
