/** Mean along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceMeanOnnx: OnnxOperator = reductionOnnx('ReduceMean', 18);
