/** What MaxPool chose, put back where it was; zeros elsewhere. */
import { at, isNumeric, show, sizeOf } from '@tacit/graph';
import { ALL_OPSETS, type OnnxOperator } from '../operator.js';
import { placeSums } from './place-sums.js';

export const maxUnpoolOnnx: OnnxOperator = {
  name: 'MaxUnpool',
  opsets: [9, ALL_OPSETS[1]],
  note: 'constant indices, known sizes; kernel_shape, strides, pads, output_shape; local',
  convert(context) {
    const x = context.input(0);
    const shape = context.shape(x);
    if (!isNumeric(shape)) return context.fail(`the sizes ${show(shape)} must be known`);
    const indices = context.constantInts(context.input(1), 'the indices');
    const kernel = context.ints('kernel_shape') ?? context.fail('kernel_shape is missing');
    const strides = context.ints('strides') ?? kernel.map(() => 1);
    const pads = context.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
    const sizes: readonly number[] = shape;
    if (
      sizes.length !== kernel.length + 2 ||
      strides.length !== kernel.length ||
      pads.length !== 2 * kernel.length
    )
      context.fail(`kernel_shape [${kernel}], strides [${strides}] and pads [${pads}] for ${show(sizes)}`);
    const spatial = kernel.map(
      (taps, axis) =>
        (at(sizes, axis + 2) - 1) * at(strides, axis) +
        taps -
        at(pads, axis) -
        at(pads, axis + kernel.length),
    );
    const inner = [...sizes.slice(0, 2), ...spatial];
    const given = context.optional(2);
    const outer = given ? context.constantInts(given, 'output_shape') : inner;
    if (outer.length !== inner.length || outer.some((size, axis) => size < at(inner, axis)))
      context.fail(`output_shape [${outer}] for [${inner}]`);
    const size = sizeOf(sizes);
    if (inner.some((length) => length < 0)) context.fail(`pads [${pads}] crop everything`);
    context.checkCount(sizeOf(outer), 'the image');
    if (indices.length !== size) context.fail(`${indices.length} indices for ${size} elements`);
    const lists = Array.from({ length: sizeOf(inner) }, (): number[] => []);
    indices.forEach((place, i) => {
      if (lists[place] === undefined) context.fail(`index ${place} is not in ${show(inner)}`);
      // Of several elements, the last one stays.
      lists[place] = [i];
    });
    const flat = context.emit('Reshape', [x], { shape: [size], allowZero: true });
    const placed = context.emit('Reshape', [placeSums(context, flat, size, lists)], {
      shape: inner,
      allowZero: true,
    });
    const amounts = [...inner.map(() => 0), ...outer.map((wanted, axis) => wanted - at(inner, axis))];
    const grows = amounts.some((amount) => amount > 0);
    context.result(grows ? context.emit('Pad', [placed], { pads: amounts, value: 0 }) : placed);
  },
};
