import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Exp'> = unary({
  op: 'Exp',
  summary: 'exp(x)',
  plain: Math.exp,
  monotone: true,
  derivative: (k, _x, y, dy) => k.mul(y, dy),
  range: [0.5, 4],
  onnx: onnx('Exp'),
});

export const methods = { exp: () => ({ attributes: {} }) };
