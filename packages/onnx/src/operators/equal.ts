/** x = y of public values. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { binary, sameName } from './elementwise.js';

export const equal: GraphOperator<'Equal'> = binary('Equal', 'x = y of public values', (x, y) =>
  x === y ? 1 : 0,
);
export const equalOnnx: OnnxOperator = sameName('Equal', 'public values only', 2);
