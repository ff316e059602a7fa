/** Convolution (cross-correlation) over one to three spatial axes, with groups, strides, dilations and padding. */
import { isNumeric, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { convVolume } from './volume.js';
import { readWindow } from './window.js';

/** The shape of weights, which has to be known. */
export function weightShape(context: NodeContext, weight: Value): readonly number[] {
  const shape = context.shape(weight);
  return isNumeric(shape) ? shape : context.fail(`the shape ${show(shape)} of the weights must be known`);
}

export const convOnnx: OnnxOperator = {
  name: 'Conv',
  opsets: ALL_OPSETS,
  note: '1-d to 3-d; group, strides, dilations, pads, auto_pad',
  convert: (context) =>
    context.result(convolution(context, context.input(0), context.input(1), context.optional(2))),
};

/** The convolution that a node's attributes describe. */
export function convolution(context: NodeContext, x: Value, weight: Value, bias: Value | undefined): Value {
  const group = context.int('group', 1);
  const kernelAttribute = context.ints('kernel_shape');
  const shape = weightShape(context, weight);
  if (!Number.isInteger(group) || group < 1) context.fail(`group is ${group}`);
  const window = readWindow(context, context.shape(x), kernelAttribute ?? shape.slice(2));
  const inputs = [x, weight, ...(bias ? [bias] : [])] as const;
  return window.kernel.length === 3
    ? convVolume(context, inputs, window, group)
    : context.emit('Conv', inputs, { ...window, group });
}
