/** Drops axes of size 1; a Reshape in a concrete graph. */
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

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
