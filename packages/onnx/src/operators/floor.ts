/** Floor of public values. */
import type { GraphOperator, OnnxOperator } from '../operator.js';
import { sameName, unary } from './elementwise.js';

export const floor: GraphOperator<'Floor'> = unary('Floor', 'Floor of public values', Math.floor);
export const floorOnnx: OnnxOperator = sameName('Floor', 'public values only', 1);
