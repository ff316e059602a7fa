/** Blocks of columns put back where they lie in an image, and added up. */
import { at, isNumeric, show, sizeOf, windowSizes } from '@tacit/graph';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';
import { placeSums } from './place-sums.js';

export const col2ImOnnx: OnnxOperator = {
  name: 'Col2Im',
  opsets: [18, MAX_OPSET],
  note: 'constant image_shape and block_shape; any number of axes; local',
  convert(context) {
    const x = context.input(0);
    const image = context.constantInts(context.input(1), 'image_shape');
    const kernel = context.constantInts(context.input(2), 'block_shape');
    const ones = kernel.map(() => 1);
    const strides = context.ints('strides') ?? ones;
    const dilations = context.ints('dilations') ?? ones;
    const pads = context.ints('pads') ?? [...ones, ...ones].map(() => 0);
    const columns = context.shape(x).slice(1);
    if (!isNumeric(columns)) return context.fail(`the sizes ${show(columns)} must be known`);
    const [rows, count] = columns as unknown as readonly [number, number];
    if (image.length !== kernel.length || [...image, ...kernel].some((size) => size < 1))
      context.fail(`blocks [${kernel}] of an image [${image}]`);
    const taps = sizeOf(kernel);
    const steps = windowSizes(image, { kernel, strides, dilations, pads }) as readonly number[];
    if (rows % taps !== 0 || sizeOf(steps) !== count)
      context.fail(`columns ${show(columns)} are not those of an image ${show(image)}`);
    context.checkCount(Math.max(sizeOf(image), taps * count), 'the image');
    const lists = Array.from({ length: sizeOf(image) }, (): number[] => []);
    for (let tap = 0; tap < taps; tap++)
      for (let column = 0; column < count; column++) {
        const place = image.reduce((position, size, axis) => {
          const along =
            coordinate(column, steps, axis) * at(strides, axis) +
            coordinate(tap, kernel, axis) * at(dilations, axis) -
            at(pads, axis);
          return position < 0 || along < 0 || along >= size ? -1 : position * size + along;
        }, 0);
        lists[place]?.push(tap * count + column);
      }
    const flat = context.emit('Reshape', [x], { shape: [0, rows / taps, taps * count], allowZero: false });
    const sums = placeSums(context, flat, taps * count, lists);
    context.result(context.emit('Reshape', [sums], { shape: [0, 0, ...image], allowZero: false }));
  },
};

/** Along one axis, where an element of a row-major block lies. */
const coordinate = (index: number, sizes: readonly number[], axis: number): number =>
  Math.floor(index / sizeOf(sizes.slice(axis + 1))) % at(sizes, axis);
