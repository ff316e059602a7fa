/** -x. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { sameName, unary } from './elementwise.js';

export const neg: GraphOperator<'Neg'> = unary('Neg', '-x', (x) => -x);
export const negOnnx: OnnxOperator = sameName('Neg', '', 1);
