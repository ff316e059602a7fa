/** x - y with broadcasting. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { binary, sameName } from './elementwise.js';

export const sub: GraphOperator<'Sub'> = binary('Sub', 'x - y, broadcasting', (x, y) => x - y);
export const subOnnx: OnnxOperator = sameName('Sub', '', 2);
