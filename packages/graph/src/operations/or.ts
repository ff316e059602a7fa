/** x or y of zeros and ones. */
import type { OperationDefinition } from '../operation/definition.js';
import { logical } from './shared/logical.js';

export const definition: OperationDefinition<'Or'> = logical({
  op: 'Or',
  summary: 'x or y of zeros and ones, broadcasting',
  plain: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  expand: (k, [x, y]) => [k.sub(k.add(x, y), k.mul(x, y))],
});

export const methods = {};
