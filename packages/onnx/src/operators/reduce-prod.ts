/** Product along axes. */
import type { OnnxOperator } from '../operator.js';
import { reduction, reductionOnnx } from './reduce.js';

export const reduceProd = reduction('ReduceProd', 'prod', 'Product along axes of public values');
export const reduceProdOnnx: OnnxOperator = reductionOnnx('ReduceProd', 18, 'public values only');
