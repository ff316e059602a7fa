/** 1 / (1 + exp(-x)). */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { sameName, unary } from './elementwise.js';

export const sigmoid: GraphOperator<'Sigmoid'> = unary(
  'Sigmoid',
  '1 / (1 + exp(-x))',
  (x) => 1 / (1 + Math.exp(-x)),
);
export const sigmoidOnnx: OnnxOperator = sameName('Sigmoid', '', 1);
