/** x * x, as its own operation: it needs one opening where a product of two values needs two. */
import type { GraphOperator } from '../operator.js';
import { unary } from './elementwise.js';

export const square: GraphOperator<'Square'> = unary('Square', 'x * x', (x) => x * x);
