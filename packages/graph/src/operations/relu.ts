/** max(x, 0), exact; a product is truncated in the same rounds. */
import type { None, OperationDefinition } from '../operation/definition.js';
import { map } from '../plain/plain-tensor.js';
import { at } from '../shape/dims.js';
import { onnx, unary } from './shared/elementwise.js';

const base = unary({
  op: 'Relu',
  summary: 'max(x, 0)',
  plain: (x) => Math.max(x, 0),
  monotone: true,
  onnx: onnx('Relu'),
});

export const definition: OperationDefinition<'Relu', None> = {
  ...base,
  aux: ['positive'],
  gradientOutputs: 2,
  infer: (inputs) => [at(inputs, 0), at(inputs, 0)],
  evaluate: ([x]) => [map(x, (v) => Math.max(v, 0)), map(x, (v) => (v > 0 ? 1 : 0))],
  gradient: (k, { inputs: [x], outputs: [, positive = k.greater(x, 0)], dy: [dy] }) => [k.mul(positive, dy)],
};

export const methods = {
  /**
   * max(x, 0), exact for |x| < 2^(62 - scale). Three rounds for up to 640 elements, else four, by default. A product
   * is truncated in the same rounds.
   * @returns the shape of x
   * @example x.matmul(w).relu()
   */
  relu: () => ({ attributes: {} }),
};
