/** 1 / (1 + exp(-x)): a piecewise polynomial or a sum of sines, with one opening for all thresholds. */
import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Sigmoid'> = unary({
  op: 'Sigmoid',
  summary: '1 / (1 + exp(-x))',
  plain: (x) => 1 / (1 + Math.exp(-x)),
  monotone: true,
  accuracy: { maxError: 2e-4 },
  derivative: (k, _x, y, dy) => k.mul(k.mul(y, k.sub(1, y)), dy),
  onnx: onnx('Sigmoid'),
});

export const methods = {
  /**
   * 1 / (1 + exp(-x)), at most 2e-4 off for every x, exactly 0 or 1 for |x| > 11. Three rounds for up to 640
   * elements, else four, by default. A product is truncated in the same rounds.
   * @returns the shape of x
   */
  sigmoid: () => ({ attributes: {} }),
};
