/** Batched matrix product; with a constant matrix on one side it becomes Linear. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { multiply } from './matrix.js';

export const matMulOnnx: OnnxOperator = {
  name: 'MatMul',
  opsets: ALL_OPSETS,
  note: 'with a constant matrix becomes Linear',
  convert: (context) => context.result(multiply(context, context.input(0), context.input(1))),
};
