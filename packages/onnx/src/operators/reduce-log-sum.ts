/** ReduceLogSum along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceLogSumOnnx: OnnxOperator = reductionOnnx('ReduceLogSum', 18);
