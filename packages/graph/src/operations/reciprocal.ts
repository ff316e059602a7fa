import type { OperationDefinition } from '../operation/definition.js';
import { between } from '../plain/interval.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Reciprocal'> = unary({
  op: 'Reciprocal',
  summary: '1/x',
  plain: (x) => 1 / x,
  bounds: ([x]) => [between(x.shape, -Infinity, Infinity)],
  derivative: (k, _x, y, dy) => k.neg(k.mul(k.square(y), dy)),
  range: [0.5, 4],
  onnx: onnx('Reciprocal'),
});

export const methods = { reciprocal: () => ({ attributes: {} }) };
