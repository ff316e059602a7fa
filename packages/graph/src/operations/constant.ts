/** A public constant, as an operand of shape arithmetic. */
import type { PublicDefinition } from '../operation/definition.js';
import { plainTensor } from '../plain/plain-tensor.js';

interface ConstantAttributes {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export const definition: PublicDefinition<'Constant', ConstantAttributes> = {
  op: 'Constant',
  summary: 'a public constant',
  publicOnly: true,
  attributes: { shape: 'axes', values: 'numbers' },
  arity: [0, 0],
  infer: (_inputs, { shape }) => [shape],
  evaluate: (_inputs, { shape, values }) => [plainTensor(shape, values)],
  examples: [{ shapes: [], attributes: { shape: [2], values: [1, 2] } }],
};
