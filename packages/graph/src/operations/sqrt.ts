import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Sqrt'> = unary({
  op: 'Sqrt',
  summary: 'sqrt(x)',
  plain: Math.sqrt,
  range: [0.5, 4],
  onnx: onnx('Sqrt'),
});

export const methods = { sqrt: () => ({ attributes: {} }) };
