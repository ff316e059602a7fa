/** ONNX Split: as many slices. */
import { at, type OpenInts, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';

export const splitOnnx: OnnxOperator = {
  name: 'Split',
  opsets: ALL_OPSETS,
  note: 'sizes constant or computed from shapes, or equal ones (num_outputs); becomes Slice',
  convert(context) {
    const x = context.input(0);
    const [axis = 0] = context.axes([context.int('axis', 0)], context.rank(x));
    const parts = context.node.outputs.length;
    if (context.opset >= 18 && context.int('num_outputs', parts) !== parts)
      context.fail('num_outputs is not the number of outputs');
    for (const [index, { start, end }] of bounds(context, x, axis, parts).entries())
      context.result(
        context.emit('Slice', [x], { axes: [axis], starts: start, ends: end, steps: [1] }),
        index,
      );
  },
};

interface Part {
  readonly start: OpenInts;
  readonly end: OpenInts;
}

function bounds(context: NodeContext, x: Value, axis: number, parts: number): Part[] {
  const total = at(context.shape(x), axis);
  const listed = context.opset < 13 ? undefined : context.optional(1);
  if (listed !== undefined && listed.kind !== 'constant') return computed(context, listed, parts);
  const sizes =
    (context.opset < 13 ? context.ints('split') : undefined) ??
    (listed && context.constantInts(listed, 'split')) ??
    (typeof total === 'number' ? equalParts(total, parts) : undefined);
  if (sizes === undefined) return openEqualParts(context, x, axis, parts);
  if (sizes.length !== parts) context.fail(`${sizes.length} sizes for ${parts} outputs`);
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0));
  if (sizes.some((size) => size < 0)) context.fail(`sizes [${sizes.join(', ')}]`);
  if (typeof total === 'number' && ends.at(-1) !== total)
    context.fail(`the parts sum up to ${ends.at(-1)} of ${total}`);
  return ends.map((end, i) => ({ start: [end - at(sizes, i)], end: [end] }));
}

/** The last part is the smaller one when the size does not divide. */
function equalParts(size: number, parts: number): number[] {
  const part = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(part, size - i * part)));
}

/** Bounds from sizes that are known with the shapes of the inputs: sums of the first of them. */
function computed(context: NodeContext, sizes: Value, parts: number): Part[] {
  const listed = context.publicInts(sizes, 'split').length;
  if (listed !== parts) context.fail(`${listed} sizes for ${parts} outputs`);
  const ends = Array.from({ length: parts + 1 }, (_, i) => {
    const first = context.emit('Slice', [sizes], { axes: [0], starts: [0], ends: [i], steps: [1] });
    return context.publicInts(context.emit('ReduceSum', [first], { axes: [0], keepDims: true }), 'split');
  });
  return ends.slice(1).map((end, i) => ({ start: at(ends, i), end }));
}

/** Equal parts of a size that is known with the shapes of the inputs. */
function openEqualParts(context: NodeContext, x: Value, axis: number, parts: number): Part[] {
  const number = (value: number) =>
    context.makeConstant('number', { shape: [1], data: Float64Array.of(value) }, 'int');
  const size = context.emit('Shape', [x], { start: axis, end: axis + 1 }, 'int');
  const up = context.emit('Add', [size, number(parts - 1)], {});
  const part = context.emit('Div', [up, number(parts)], { integer: true });
  const ends = Array.from({ length: parts + 1 }, (_, i) =>
    context.publicInts(context.emit('Mul', [part, number(i)], {}), 'split'),
  );
  return ends.slice(1).map((end, i) => ({ start: at(ends, i), end }));
}
