/** Permutes axes: axis i of the result is axis perm[i] of the input. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const transposeOnnx: OnnxOperator = {
  name: 'Transpose',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const x = context.input(0);
    const perm = context.ints('perm') ?? Array.from({ length: context.rank(x) }, (_, axis) => axis).reverse();
    const same = perm.length === context.rank(x) && perm.every((axis, i) => axis === i);
    context.result(same ? x : context.emit('Transpose', [x], { perm }));
  },
};
