/** To a matrix: axes before `axis` become the rows. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, product } from '../shapes.js';

export const flatten: GraphOperator<'Flatten'> = {
  op: 'Flatten',
  summary: 'To [axes before axis, the others]',
  attributes: { axis: 'axis' },
  arity: [1, 1],
  infer(inputs, { axis }) {
    const x = at(inputs, 0);
    if (axis > x.length) throw new ModelShapeError(`axis ${axis} of ${x.length} dimensions`);
    return [product(x.slice(0, axis)), product(x.slice(axis))];
  },
  evaluate: (inputs, attributes) => ({
    shape: flatten.infer([at(inputs, 0).shape], attributes) as number[],
    data: at(inputs, 0).data,
  }),
};

export const flattenOnnx: OnnxOperator = {
  name: 'Flatten',
  opsets: ALL_OPSETS,
  note: '',
  convert(context) {
    const x = context.input(0);
    const axis = context.int('axis', 1);
    const rank = context.rank(x);
    if (axis < -rank || axis > rank) context.fail(`axis ${axis} of ${rank} dimensions`);
    context.result(context.emit('Flatten', [x], { axis: axis < 0 ? axis + rank : axis }));
  },
};
