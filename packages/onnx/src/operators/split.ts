/** ONNX Split: as many slices. */
import { at } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const splitOnnx: OnnxOperator = {
  name: 'Split',
  opsets: ALL_OPSETS,
  note: 'constant sizes; becomes Slice',
  convert(context) {
    const x = context.input(0);
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    const parts = context.node.outputs.length;
    if (context.opset >= 18 && context.int('num_outputs', parts) !== parts)
      context.fail('num_outputs is not the number of outputs');
    const listed = context.opset < 13 ? undefined : context.optional(1);
    const sizes =
      (context.opset < 13 ? context.ints('split') : undefined) ??
      (listed && context.constantInts(listed, 'split')) ??
      equalParts(at(context.shape(x), axis), parts) ??
      context.fail(`the size of axis ${axis} must be fixed or the sizes of the parts given`);
    if (sizes.length !== parts) context.fail(`${sizes.length} sizes for ${parts} outputs`);
    let start = 0;
    sizes.forEach((size, index) => {
      const bounds = { starts: [start], ends: [start + size], steps: [1] };
      context.result(context.emit('Slice', [x], { axes: [axis], ...bounds }), index);
      start += size;
    });
    const total = at(context.shape(x), axis);
    if (typeof total === 'number' && total !== start)
      context.fail(`the parts sum up to ${start} of ${total}`);
  },
};

/** The last part is the smaller one when the size does not divide. */
function equalParts(size: number | string, parts: number): number[] | undefined {
  if (typeof size !== 'number') return undefined;
  const part = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
}
