/** Where the largest element of each window of a MaxPool is: the place of it in the whole input, as ONNX counts. */
import { at, isNumeric, show, sizeOf, type Value, windowSizes } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import type { WindowAttributes } from './window.js';

/**
 * The second output of MaxPool: the elements of each window, the largest as ones and zeros, times their places.
 * @param columns whether places are counted column by column (storage_order 1)
 */
export function maxPoolIndices(
  context: NodeContext,
  x: Value,
  window: WindowAttributes & { readonly ceilMode: boolean },
  columns: boolean,
): Value {
  const shape = context.shape(x);
  if (!isNumeric(shape)) return context.fail(`with Indices, the sizes ${show(shape)} must be known`);
  const [batch, channels, ...spatial] = shape as readonly [number, number, ...number[]];
  const counts = windowSizes(spatial, window) as readonly number[];
  const taps = sizeOf(window.kernel);
  context.checkCount(batch * channels * Math.max(sizeOf(spatial), sizeOf(counts) * taps), 'the windows');
  const windows = windowPlaces(spatial, counts, window);
  const flat = context.emit('Reshape', [x], { shape: [0, 0, -1], allowZero: false });
  const seen = context.emit('Take', [flat], {
    axis: 2,
    indices: windows,
    shape: [sizeOf(counts), taps],
  });
  const winner = context.emit('ArgMaxOneHot', [seen], { axis: 3 });
  const plane = sizeOf(spatial);
  const order = columns ? byColumns(spatial) : Array.from({ length: plane }, (_, i) => i);
  const data = Float64Array.from(
    { length: batch * channels * windows.length },
    (_, i) => Math.floor(i / windows.length) * plane + at(order, at(windows, i % windows.length)),
  );
  const places = context.makeConstant('places', {
    shape: [batch, channels, sizeOf(counts), taps],
    data,
  });
  const chosen = context.emit('ReduceSum', [context.emit('Mul', [winner, places], {})], {
    axes: [3],
    keepDims: false,
  });
  return context.emit('Reshape', [chosen], { shape: [0, 0, ...counts], allowZero: false }, 'int');
}

/** For each position of a plane, its number when the first axis runs fastest. */
function byColumns(spatial: readonly number[]): number[] {
  return Array.from({ length: sizeOf(spatial) }, (_, position) =>
    spatial.reduce((number, size, axis) => {
      const along = Math.floor(position / sizeOf(spatial.slice(axis + 1))) % size;
      return number + along * sizeOf(spatial.slice(0, axis));
    }, 0),
  );
}

/** The positions of each window's elements in their plane. In place of padding the window's first element is seen again. */
function windowPlaces(
  spatial: readonly number[],
  counts: readonly number[],
  { kernel, strides, dilations, pads }: WindowAttributes,
): number[] {
  const taps = sizeOf(kernel);
  const coordinate = (index: number, sizes: readonly number[], axis: number) =>
    Math.floor(index / sizeOf(sizes.slice(axis + 1))) % at(sizes, axis);
  return Array.from({ length: sizeOf(counts) }, (_, window) => {
    const own = Array.from({ length: taps }, (__, tap) =>
      spatial.reduce((position, size, axis) => {
        const along =
          coordinate(window, counts, axis) * at(strides, axis) +
          coordinate(tap, kernel, axis) * at(dilations, axis) -
          at(pads as readonly number[], axis);
        return position < 0 || along < 0 || along >= size ? -1 : position * size + along;
      }, 0),
    );
    const first = own.find((position) => position >= 0) ?? 0;
    return own.map((position) => (position < 0 ? first : position));
  }).flat();
}
