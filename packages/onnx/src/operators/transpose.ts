/** Permutes axes: axis i of the result is axis perm[i] of the input. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { gatherStrided, stridesOf } from '../plain-tensor.js';
import { at, normalizeAxes, show } from '../shapes.js';

export const transpose: GraphOperator<'Transpose'> = {
  op: 'Transpose',
  summary: 'Permutes axes',
  attributes: { perm: 'axes' },
  arity: [1, 1],
  infer(inputs, { perm }) {
    const x = at(inputs, 0);
    if (normalizeAxes(perm, x.length).length !== x.length)
      throw new ModelShapeError(`permutation [${perm.join(', ')}] of ${show(x)}`);
    return perm.map((axis) => at(x, axis));
  },
  evaluate(inputs, { perm }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    return gatherStrided(
      x.data,
      perm.map((axis) => at(x.shape, axis)),
      perm.map((axis) => at(strides, axis)),
    );
  },
};

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
