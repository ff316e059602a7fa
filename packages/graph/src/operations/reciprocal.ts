import type { OperationDefinition } from '../operation/definition.js';
import { onnx, unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Reciprocal'> = unary({
  op: 'Reciprocal',
  summary: '1/x',
  plain: (x) => 1 / x,
  range: [0.5, 4],
  onnx: onnx('Reciprocal'),
});

export const methods = { reciprocal: () => ({ attributes: {} }) };
