/** The largest element along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceMaxOnnx: OnnxOperator = reductionOnnx('ReduceMax', 18);
