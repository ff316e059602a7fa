/** Operators that change nothing at inference: Identity and Dropout vanish. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { unary } from './elementwise.js';

export const identity: GraphOperator<'Identity'> = unary('Identity', 'x', (x) => x);

export const identityOnnx: OnnxOperator = {
  name: 'Identity',
  opsets: ALL_OPSETS,
  note: 'removed',
  convert: (context) => context.result(context.input(0)),
};
