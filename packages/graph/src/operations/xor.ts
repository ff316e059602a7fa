/** x xor y of zeros and ones. */
import type { OperationDefinition } from '../operation/definition.js';
import { logical } from './shared/logical.js';

export const definition: OperationDefinition<'Xor'> = logical({
  op: 'Xor',
  summary: 'x xor y of zeros and ones, broadcasting',
  plain: (x, y) => ((x !== 0) !== (y !== 0) ? 1 : 0),
  expand: (k, [x, y]) => [k.square(k.sub(x, y))],
});

export const methods = {};
