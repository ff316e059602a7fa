/** x + y with broadcasting. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { binary, sameName } from './elementwise.js';

export const add: GraphOperator<'Add'> = binary('Add', 'x + y, broadcasting', (x, y) => x + y);
export const addOnnx: OnnxOperator = sameName('Add', '', 2);
