/** Hyperbolic tangent. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { sameName, unary } from './elementwise.js';

export const tanh: GraphOperator<'Tanh'> = unary('Tanh', 'Hyperbolic tangent', Math.tanh);
export const tanhOnnx: OnnxOperator = sameName('Tanh', '', 1);
