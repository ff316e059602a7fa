/** x and y of zeros and ones. */
import type { OperationDefinition } from '../operation/definition.js';
import { logical } from './shared/logical.js';

export const definition: OperationDefinition<'And'> = logical({
  op: 'And',
  summary: 'x and y of zeros and ones, broadcasting',
  plain: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  expand: (k, [x, y]) => [k.mul(x, y)],
});

export const methods = {};
