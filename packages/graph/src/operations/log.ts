import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Log'> = unary({
  op: 'Log',
  summary: 'log(x)',
  plain: Math.log,
  monotone: true,
  derivative: (k, x, _y, dy) => k.div(dy, x, { integer: false }),
  range: [0.5, 4],
  onnx: onnx('Log'),
});

export const methods = { log: () => ({ attributes: {} }) };
