/** Sum of absolute values along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceL1Onnx: OnnxOperator = reductionOnnx('ReduceL1', 18);
