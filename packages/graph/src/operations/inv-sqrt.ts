import type { OperationDefinition } from '../operation/definition.js';
import { between } from '../plain/interval.js';
import { unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'InvSqrt'> = unary({
  op: 'InvSqrt',
  summary: '1/sqrt(x)',
  plain: (x) => 1 / Math.sqrt(x),
  bounds: ([x]) => [between(x.shape, -Infinity, Infinity)],
  derivative: (k, _x, y, dy) => k.mul(k.mul(k.mul(k.square(y), y), -0.5), dy),
  range: [0.5, 4],
});

export const methods = { invSqrt: () => ({ attributes: {} }) };
