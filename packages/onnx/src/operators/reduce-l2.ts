/** ReduceL2 along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceL2Onnx: OnnxOperator = reductionOnnx('ReduceL2', 18);
