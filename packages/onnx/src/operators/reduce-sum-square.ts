/** Sum of squares along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceSumSquareOnnx: OnnxOperator = reductionOnnx('ReduceSumSquare', 18);
