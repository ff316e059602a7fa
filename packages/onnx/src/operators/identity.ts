/** Operators that change nothing at inference: Identity and Dropout vanish. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const identityOnnx: OnnxOperator = {
  name: 'Identity',
  opsets: ALL_OPSETS,
  note: 'removed',
  convert: (context) => context.result(context.untied(context.input(0))),
};
