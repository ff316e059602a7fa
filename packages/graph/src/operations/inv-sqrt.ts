import type { OperationDefinition } from '../operation/definition.js';
import { unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'InvSqrt'> = unary({
  op: 'InvSqrt',
  summary: '1/sqrt(x)',
  plain: (x) => 1 / Math.sqrt(x),
  range: [0.5, 4],
});

export const methods = { invSqrt: () => ({ attributes: {} }) };
