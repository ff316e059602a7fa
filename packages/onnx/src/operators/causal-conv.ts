/** A depthwise convolution of each position with those before it, and what the next call needs of the past. */
import { isNumeric, show } from '@tacit/graph';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

export const causalConvWithStateOnnx: OnnxOperator = {
  name: 'CausalConvWithState',
  opsets: [27, MAX_OPSET],
  note: 'known sizes; activation none, silu or swish; becomes Concat and Conv',
  convert(context) {
    const [x, weight, bias] = [context.input(0), context.input(1), context.optional(2)];
    const activation = context.string('activation', 'none');
    if (!['none', 'silu', 'swish'].includes(activation))
      context.fail(`activation ${JSON.stringify(activation)}`);
    const sizes = [...context.shape(x).slice(1), ...context.shape(weight).slice(2)];
    if (!isNumeric(sizes) || sizes.length !== 3)
      return context.fail(`the sizes ${show(sizes)} of channels, sequence and kernel must be known`);
    const [channels, length, taps] = sizes as unknown as readonly [number, number, number];
    const past = context.optional(3);
    const whole = past
      ? context.emit('Concat', [past, x], { axis: 2 })
      : context.emit('Pad', [x], { pads: [0, 0, taps - 1, 0, 0, 0], value: 0 });
    const window = { kernel: [taps], strides: [1], dilations: [1], pads: [0, 0], group: channels };
    const y = context.emit('Conv', [whole, weight, ...(bias ? [bias] : [])], window);
    context.result(activation === 'none' ? y : context.emit('Silu', [y], {}));
    const end = length + taps - 1;
    const kept = { axes: [2], starts: [length], ends: [end], steps: [1] };
    if (context.node.outputs[1]) context.result(context.emit('Slice', [whole], kept), 1);
  },
};
