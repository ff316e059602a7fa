/** Mean over all spatial axes, which stay as axes of size 1. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, show } from '../shapes.js';
import { reduceAxes } from './reduce.js';

export const globalAveragePool: GraphOperator<'GlobalAveragePool'> = {
  op: 'GlobalAveragePool',
  summary: 'Mean over all spatial axes',
  attributes: {},
  arity: [1, 1],
  infer([x]) {
    if (x === undefined || x.length < 2) throw new ModelShapeError(`${show(x)} has no channels`);
    return x.map((dim, axis) => (axis < 2 ? dim : 1));
  },
  evaluate(inputs) {
    const x = at(inputs, 0);
    const axes = x.shape.slice(2).map((_, axis) => axis + 2);
    return reduceAxes(x, axes, true, 'mean');
  },
};

export const globalAveragePoolOnnx: OnnxOperator = {
  name: 'GlobalAveragePool',
  opsets: ALL_OPSETS,
  note: '',
  convert: (context) => context.result(context.emit('GlobalAveragePool', [context.input(0)], {})),
};
