/** Convolution (cross-correlation) over one or two spatial axes, with groups, strides, dilations and padding. */
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { readWindow } from './window.js';

export const convOnnx: OnnxOperator = {
  name: 'Conv',
  opsets: ALL_OPSETS,
  note: '1-d and 2-d, constant weights; group, strides, dilations, pads, auto_pad',
  convert(context) {
    const group = context.int('group', 1);
    const kernelAttribute = context.ints('kernel_shape');
    const [x, weight, bias] = [context.input(0), context.input(1), context.optional(2)];
    const { shape } = context.constant(weight, 'the weight');
    if (bias !== undefined) context.constant(bias, 'the bias');
    if (!Number.isInteger(group) || group < 1) context.fail(`group is ${group}`);
    const window = readWindow(context, context.shape(x), kernelAttribute ?? shape.slice(2));
    const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
    context.result(context.emit('Conv', inputs, { ...window, group }));
  },
};
