/** Transposed convolution over one to three spatial axes. */
import { isNumeric, show, transposedPads } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { weightShape } from './conv.js';
import { convTransposeVolume } from './volume.js';
import { readWindow, type WindowAttributes } from './window.js';

export const convTransposeOnnx: OnnxOperator = {
  name: 'ConvTranspose',
  opsets: ALL_OPSETS,
  note: '1-d to 3-d; group, strides, dilations, pads, auto_pad, output_padding, output_shape',
  convert(context) {
    const group = context.int('group', 1);
    const [x, weight, bias] = [context.input(0), context.input(1), context.optional(2)];
    const kernel = context.ints('kernel_shape') ?? weightShape(context, weight).slice(2);
    if (!Number.isInteger(group) || group < 1) context.fail(`group is ${group}`);
    const shape = context.shape(x);
    const mode = context.string('auto_pad', 'NOTSET');
    // What SAME means here depends on the output padding, too.
    const window = readWindow(context, mode.startsWith('SAME') ? shape.map(() => '?') : shape, kernel);
    const outputPadding = context.ints('output_padding') ?? kernel.map(() => 0);
    const wanted = context.ints('output_shape')?.slice(-kernel.length);
    const volume = kernel.length === 3;
    const sized =
      wanted || (volume && typeof window.pads === 'string')
        ? padsFor(context, shape.slice(2), { ...window, outputPadding }, wanted)
        : undefined;
    const attributes = { ...window, group, outputPadding, ...sized };
    const inputs = [x, weight, ...(bias ? [bias] : [])] as const;
    context.result(
      volume
        ? convTransposeVolume(context, inputs, attributes)
        : context.emit('ConvTranspose', inputs, attributes),
    );
  },
};

type Sizes = WindowAttributes & { readonly outputPadding: readonly number[] };

/** Pads that make the result as large as `output_shape` says, or SAME. */
function padsFor(
  context: NodeContext,
  spatial: readonly (number | string)[],
  window: Sizes,
  wanted: readonly number[] | undefined,
) {
  if (!isNumeric(spatial)) return context.fail(`the size ${show(spatial)} of the input must be known`);
  if (wanted && wanted.length !== spatial.length)
    context.fail(`output_shape has ${wanted.length} sizes for ${spatial.length} axes`);
  const mode = window.pads === 'SAME_UPPER' ? 'SAME_UPPER' : 'SAME_LOWER';
  return transposedPads(mode, spatial, window, wanted);
}
