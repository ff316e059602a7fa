import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Sqrt'> = unary({
  op: 'Sqrt',
  summary: 'sqrt(x)',
  plain: Math.sqrt,
  monotone: true,
  derivative: (k, x, _y, dy) => k.mul(k.mul(k.invSqrt(x), 0.5), dy),
  range: [0.5, 4],
  onnx: onnx('Sqrt'),
});

export const methods = { sqrt: () => ({ attributes: {} }) };
