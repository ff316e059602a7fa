/** Mean along axes. */
import type { OnnxOperator } from '../operator.js';
import { reduction, reductionOnnx } from './reduce.js';

export const reduceMean = reduction('ReduceMean', 'mean', 'Mean along axes');
export const reduceMeanOnnx: OnnxOperator = reductionOnnx('ReduceMean', 18);
