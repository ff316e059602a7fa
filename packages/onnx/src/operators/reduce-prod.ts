/** Product along axes. */
import type { OnnxOperator } from '../operator.js';
import { reductionOnnx } from './reduce.js';

export const reduceProdOnnx: OnnxOperator = reductionOnnx('ReduceProd', 18);
