/** The value itself: only where a graph's output is an input, a parameter or another output. */
import type { OperationDefinition } from '../operation/definition.js';
import { unary } from './shared/elementwise.js';

export const definition: OperationDefinition<'Identity'> = unary({
  op: 'Identity',
  summary: 'x',
  plain: (x) => x,
  monotone: true,
  expand: (k, [x]) => [k.reshape(x, { shape: k.shapeOf(x), allowZero: true })],
});
