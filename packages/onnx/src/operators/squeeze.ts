/** Drops axes of size 1; a Reshape in a concrete graph. */
import { ModelShapeError } from '../errors.js';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, mayEqual, normalizeAxes, show } from '../shapes.js';

export const squeeze: GraphOperator<'Squeeze'> = {
  op: 'Squeeze',
  summary: 'Drops axes of size 1; becomes Reshape',
  attributes: { axes: 'axes' },
  arity: [1, 1],
  infer(inputs, { axes }) {
    const x = at(inputs, 0);
    const dropped = normalizeAxes(axes, x.length);
    if (dropped.some((axis) => !mayEqual(at(x, axis), 1)))
      throw new ModelShapeError(`axes [${axes.join(', ')}] of ${show(x)} are not of size 1`);
    return x.filter((_, axis) => !dropped.includes(axis));
  },
  resolve: ({ name, inputs, outputs }, _shapes, shape) => ({
    name,
    op: 'Reshape',
    inputs,
    outputs,
    attributes: { shape, allowZero: true },
  }),
  evaluate: (inputs, attributes) => ({
    shape: squeeze.infer([at(inputs, 0).shape], attributes) as number[],
    data: at(inputs, 0).data,
  }),
};

/** Axes of Squeeze and Unsqueeze: an attribute until opset 12, an input since. */
export function readSqueezeAxes(context: NodeContext): readonly number[] | undefined {
  if (context.opset < 13) return context.ints('axes');
  const input = context.optional(1);
  return input === undefined ? undefined : context.constantInts(input, 'axes');
}

export const squeezeOnnx: OnnxOperator = {
  name: 'Squeeze',
  opsets: ALL_OPSETS,
  note: 'constant axes, as attribute or input',
  convert(context) {
    const x = context.input(0);
    const listed = readSqueezeAxes(context);
    const shape = context.shape(x);
    if (listed === undefined && shape.some((dim) => typeof dim === 'string'))
      context.fail('without axes the input shape must be fixed');
    const ones = shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
    const axes = listed === undefined ? ones : context.axes(listed, shape.length);
    context.result(axes.length === 0 ? x : context.emit('Squeeze', [x], { axes }));
  },
};
