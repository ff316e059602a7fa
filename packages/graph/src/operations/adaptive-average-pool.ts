/** Means over as many windows as are wanted. Sums are local; see Div for the quotient. */
import type { OperationDefinition } from '../operation/definition.js';
import { sizeOf } from '../shape/dims.js';
import {
  ADAPTIVE_EXAMPLES,
  type AdaptiveAttributes,
  adaptiveArguments,
  adaptiveShape,
  adaptiveWindows,
  evenWindows,
} from './shared/adaptive.js';
import { mapAxis, mapAxisPlain, type Taps } from './shared/map-axis.js';

export const definition: OperationDefinition<'AdaptiveAveragePool', AdaptiveAttributes> = {
  op: 'AdaptiveAveragePool',
  summary: 'means over as many windows as are wanted',
  attributes: { size: 'sizes' },
  arity: [1, 1],
  infer: ([x], attributes) => [adaptiveShape(x, attributes)],
  evaluate: ([x], { size }) => [
    size.reduce((y, windows, i) => mapAxisPlain(y, i + 2, taps(x.shape[i + 2], windows, true)), x),
  ],
  expand(k, [x], attributes) {
    const shape = k.shapeOf(x);
    const even = evenWindows(shape, attributes);
    if (even) return [k.averagePool(x, { ...even, countIncludePad: false })];
    const { size } = attributes;
    const sums = size.reduce((y, windows, i) => mapAxis(k, y, i + 2, taps(shape[i + 2], windows, false)), x);
    const lengths = size.map((windows, i) =>
      adaptiveWindows(shape[i + 2], windows).map(([, length]) => length),
    );
    const counts = Float64Array.from({ length: sizeOf(size) }, (_, place) =>
      lengths.reduce(
        (count, list, i) => count * list[Math.floor(place / sizeOf(size.slice(i + 1))) % list.length],
        1,
      ),
    );
    return [k.div(sums, { shape: size, data: counts }, { integer: false })];
  },
  examples: ADAPTIVE_EXAMPLES,
};

const taps = (size: number, windows: number, mean: boolean): Taps[] =>
  adaptiveWindows(size, windows).map(([start, length]) =>
    Array.from({ length }, (_, i) => [start + i, mean ? 1 / length : 1] as const),
  );

export const methods = {
  /**
   * Means of [N, C, H, W] over as many windows as are wanted, as PyTorch's `adaptive_avg_pool2d`: window i of n is from
   * floor(i H / n) to ceil((i + 1) H / n). Rounds as avgPool2d.
   * @param size height and width of the result, or one number for both
   * @returns [N, C, height, width]
   * @throws ShapeError for another number of axes, or no element
   * @throws ArgumentError for what is not a number or a pair
   * @example x.adaptiveAvgPool2d(1)
   */
  adaptiveAvgPool2d: (_x: unknown, size: number | readonly [number, number]) =>
    adaptiveArguments('adaptiveAvgPool2d', size),
};
