/** max(x, 0). */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { sameName, unary } from './elementwise.js';

export const relu: GraphOperator<'Relu'> = unary('Relu', 'max(x, 0)', (x) => Math.max(x, 0));
export const reluOnnx: OnnxOperator = sameName('Relu', '', 1);
