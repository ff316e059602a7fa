/** Sums of the elements of an axis up to each, in ceil(log2 n) sums of shifted values. Local. */

import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { stridesOf } from '../plain/plain-tensor.js';
import { normalizeAxis } from '../shape/axes.js';

interface CumSumAttributes {
  readonly axis: number;
  /** Without the element itself. */
  readonly exclusive: boolean;
  /** From the end. */
  readonly reverse: boolean;
}

export const definition: OperationDefinition<'CumSum', CumSumAttributes> = {
  op: 'CumSum',
  summary: 'sums of the elements of an axis up to each',
  attributes: { axis: 'axis', exclusive: 'bool', reverse: 'bool' },
  arity: [1, 1],
  infer([x], { axis }) {
    normalizeAxis(axis, x.length);
    return [x];
  },
  evaluate([x], { axis, exclusive, reverse }) {
    const [size, stride] = [x.shape[axis], stridesOf(x.shape)[axis]];
    const data = new Float64Array(x.data.length);
    x.data.forEach((_, start) => {
      if (Math.floor(start / stride) % size !== 0) return;
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const place = start + (reverse ? size - 1 - i : i) * stride;
        data[place] = exclusive ? sum : sum + x.data[place];
        sum += x.data[place];
      }
    });
    return [{ shape: x.shape, data }];
  },
  expand(k, [x], { axis, exclusive, reverse }) {
    const shape = k.shapeOf(x);
    const shifted = (value: typeof x, by: number) => {
      const along = (amount: number) => shape.map((_, i) => (i === axis ? amount : 0));
      return k.pad(value, { pads: [...along(reverse ? -by : by), ...along(reverse ? by : -by)], value: 0 });
    };
    let sums = exclusive && shape[axis] > 0 ? shifted(x, 1) : k.identity(x);
    for (let step = 1; step < shape[axis]; step *= 2) sums = k.add(sums, shifted(sums, step));
    return [sums];
  },
  examples: [
    { shapes: [[2, 5]], attributes: { axis: 1, exclusive: false, reverse: false } },
    { shapes: [[4, 2]], attributes: { axis: 0, exclusive: true, reverse: false } },
    { shapes: [[3, 3]], attributes: { axis: 0, exclusive: false, reverse: true } },
    { shapes: [[1, 6, 2]], attributes: { axis: 1, exclusive: true, reverse: true } },
    { shapes: [[2, 0]], attributes: { axis: 1, exclusive: true, reverse: false } },
    { shapes: [[1]], attributes: { axis: 0, exclusive: false, reverse: false } },
  ],
};

export interface CumSumOptions {
  /** Without the element itself. Default false. */
  readonly exclusive?: boolean;
  /** From the end. Default false. */
  readonly reverse?: boolean;
}

export const methods = {
  /**
   * Sums of the elements of an axis up to each. No round.
   * @param axis axis; negative ones count from the back
   * @param options see the type; an unknown name is an error
   * @returns the shape of x
   * @throws ShapeError where the axis is out of range
   * @throws ArgumentError for an unknown option
   * @example x.cumsum(-1)
   */
  cumsum: ({ shape }: Shaped, axis: number, options: CumSumOptions = {}) => {
    checkOptions('cumsum', options, ['exclusive', 'reverse']);
    const { exclusive = false, reverse = false } = options;
    return { attributes: { axis: normalizeAxis(axis, shape.length), exclusive, reverse } };
  },
};
