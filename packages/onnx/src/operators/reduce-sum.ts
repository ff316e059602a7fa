/** Sum along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceSumOnnx: OnnxOperator = reductionOnnx('ReduceSum', 13);
