/** Sum along axes. */
import type { OnnxOperator } from '../operator.js';
import { reduction, reductionOnnx } from './reduce.js';

export const reduceSum = reduction('ReduceSum', 'sum', 'Sum along axes');
export const reduceSumOnnx: OnnxOperator = reductionOnnx('ReduceSum', 13);
