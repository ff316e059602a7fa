/** Inserts axes of size 1; a Reshape in a concrete graph. Axes count in the result. */
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { at, normalizeAxes } from '../shapes.js';
import { readSqueezeAxes } from './squeeze.js';

export const unsqueeze: GraphOperator<'Unsqueeze'> = {
  op: 'Unsqueeze',
  summary: 'Inserts axes of size 1; becomes Reshape',
  attributes: { axes: 'axes' },
  arity: [1, 1],
  infer(inputs, { axes }) {
    const shape = [...at(inputs, 0)];
    for (const axis of normalizeAxes(axes, shape.length + axes.length)) shape.splice(axis, 0, 1);
    return shape;
  },
  resolve: ({ name, inputs, outputs }, _shapes, shape) => ({
    name,
    op: 'Reshape',
    inputs,
    outputs,
    attributes: { shape, allowZero: true },
  }),
  evaluate: (inputs, attributes) => ({
    shape: unsqueeze.infer([at(inputs, 0).shape], attributes) as number[],
    data: at(inputs, 0).data,
  }),
};

export const unsqueezeOnnx: OnnxOperator = {
  name: 'Unsqueeze',
  opsets: ALL_OPSETS,
  note: 'constant axes, as attribute or input',
  convert(context) {
    const x = context.input(0);
    const listed = readSqueezeAxes(context) ?? context.fail('axes are missing');
    if (listed.length > 16) context.fail(`${listed.length} axes`);
    const axes = context.axes(listed, context.rank(x) + listed.length);
    context.result(context.emit('Unsqueeze', [x], { axes }));
  },
};
