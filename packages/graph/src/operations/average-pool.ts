/** Mean over a sliding window; whether padding counts is explicit. Sums are local; see Div for the quotient. */
import type { OpenPads } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import { either, hullOver } from '../plain/interval.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { at, sizeOf } from '../shape/dims.js';
import { asWindow2d, concretePads, poolShape, windowCounts } from '../shape/window.js';
import { inputCotangent } from './shared/convolution-gradient.js';
import { foldWindows } from './shared/fold-windows.js';
import { POOL_EXAMPLES } from './shared/pool-examples.js';
import { type Pool1dOptions, type PoolOptions, poolAttributes } from './shared/window-options.js';

export interface AveragePoolAttributes<L = readonly number[]> {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: L;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
}

export const definition: OperationDefinition<
  'AveragePool',
  AveragePoolAttributes,
  AveragePoolAttributes<OpenPads>
> = {
  op: 'AveragePool',
  summary: 'mean over a window',
  attributes: {
    kernel: 'sizes',
    strides: 'sizes',
    dilations: 'sizes',
    pads: 'pads',
    ceilMode: 'bool',
    countIncludePad: 'bool',
  },
  arity: [1, 1],
  infer: ([x], attributes) => [poolShape(x, attributes)],
  resolve: (attributes, [x]) => ({ ...attributes, pads: concretePads(x.slice(2), attributes) }),
  evaluate([x], attributes) {
    const shape = poolShape(x.shape, attributes) as number[];
    const counts = poolCounts(x.shape, shape, attributes);
    const sums = foldWindows(x, shape, attributes, 0, (sum, element) => sum + element);
    const data = sums.map((sum, i) => sum / counts.data[i % counts.data.length]);
    return [{ shape, data }];
  },
  gradient(k, { inputs: [x], dy: [dy], attributes }) {
    const [shape, out] = [k.shapeOf(x), k.shapeOf(dy)];
    // Nothing flows, and groups of no channels would not be a convolution.
    if (shape[0] * shape[1] === 0) return [k.reshape(dy, { shape, allowZero: true })];
    const [channels, { kernel }] = [at(shape, 1), attributes];
    const share = k.div(dy, poolCounts(shape, out, attributes), { integer: false });
    const ones: PlainTensor = {
      shape: [channels, 1, ...kernel],
      data: new Float64Array(channels * sizeOf(kernel)).fill(1),
    };
    const weight = k.add(ones, 0);
    return [inputCotangent(k, shape, weight, share, { ...attributes, group: channels })];
  },
  bounds([x], attributes) {
    const shape = poolShape(x.shape, attributes) as number[];
    const own = hullOver(
      x,
      attributes.kernel.map((_, i) => i + 2),
    );
    const { low, high } = attributes.pads.some((p) => p > 0) ? either(own, 0, 0) : own;
    return [{ shape, low, high }];
  },
  examples: POOL_EXAMPLES.flatMap(({ shapes, attributes }) =>
    [false, true].map((countIncludePad) => ({ shapes, attributes: { ...attributes, countIncludePad } })),
  ),
};

/**
 * How many elements count in each window; at least 1, where a window lies in padding that does not count.
 * @param input shape of the input
 * @param output shape of the output
 * @param attributes attributes of the operation
 * @returns the counts, of the spatial shape of the output
 * @example poolCounts([1, 1, 4, 4], [1, 1, 2, 2], attributes).data;
 */
export function poolCounts(
  input: readonly number[],
  output: readonly number[],
  attributes: AveragePoolAttributes,
): PlainTensor {
  const w = asWindow2d(input, output, attributes);
  const along = (axis: 0 | 1, size: number, windows: number) =>
    windowCounts(
      size,
      windows,
      {
        kernel: w.kernel[axis],
        stride: w.strides[axis],
        dilation: w.dilations[axis],
        before: w.pads[axis],
        after: w.pads[axis + 2],
      },
      attributes.countIncludePad,
    );
  const rows = along(0, w.height, w.outHeight);
  const columns = along(1, w.width, w.outWidth);
  const data = Float64Array.from(rows.flatMap((r) => columns.map((c) => Math.max(1, r * c))));
  return { shape: output.slice(2), data };
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts in the divisor. Default false, as in ONNX. */
  readonly countIncludePad?: boolean;
}

export interface AveragePool1dOptions extends Pool1dOptions {
  /** Whether padding counts in the divisor. Default false, as in ONNX. */
  readonly countIncludePad?: boolean;
}

export const methods = {
  /**
   * Mean of each window of [N, C, H, W]. No round for windows of 2^k elements, else the quotient's truncation.
   * @param options see the type; an unknown name is an error
   * @returns [N, C, out height, out width]
   * @throws ShapeError where no window fits
   * @throws ArgumentError for an unknown option
   * @example x.avgPool2d({ kernel: 2 })
   */
  avgPool2d: (_x: unknown, options: AveragePoolOptions) => ({
    attributes: {
      ...poolAttributes('avgPool2d', options, 2, ['countIncludePad']),
      countIncludePad: options.countIncludePad ?? false,
    },
  }),
  /**
   * Mean of each window of [N, C, W]. Rounds as avgPool2d.
   * @param options see the type; an unknown name is an error
   * @returns [N, C, out width]
   * @throws ShapeError where no window fits
   * @throws ArgumentError for an unknown option
   * @example x.avgPool1d({ kernel: 2 })
   */
  avgPool1d: (_x: unknown, options: AveragePool1dOptions) => ({
    attributes: {
      ...poolAttributes('avgPool1d', options, 1, ['countIncludePad']),
      countIncludePad: options.countIncludePad ?? false,
    },
  }),
};
