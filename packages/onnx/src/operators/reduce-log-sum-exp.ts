/** ReduceLogSumExp along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceLogSumExpOnnx: OnnxOperator = reductionOnnx('ReduceLogSumExp', 18);
