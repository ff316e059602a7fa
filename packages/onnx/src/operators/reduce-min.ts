/** The smallest element along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceMinOnnx: OnnxOperator = reductionOnnx('ReduceMin', 18);
