/** Inserts axes of size 1; a Reshape in a concrete graph. Axes count in the result. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readSqueezeAxes } from './squeeze.js';

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
