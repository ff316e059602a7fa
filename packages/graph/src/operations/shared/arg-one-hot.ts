/** The extreme element as ones and zeros: exactly one winner, the first of equal ones. */
import type { OperationDefinition } from '../../operation/definition.js';
import type { Shaped } from '../../operation/methods.js';
import type { Operations } from '../../operation/operations.js';
import { between } from '../../plain/interval.js';
import { normalizeAxis } from '../../shape/axes.js';
import { type Shape, sizeOf } from '../../shape/dims.js';

export interface OneHotAttributes {
  /** Counted from the front; null: one winner of the whole tensor. */
  readonly axis: number | null;
}

export function argOneHot<Name extends string>(
  arg: {
    readonly definition: OperationDefinition<
      string,
      { readonly axis: number | null; readonly keepDims: boolean }
    >;
  },
  op: Name,
  word: string,
  index: <T>(k: Operations<T>, x: T, attributes: { readonly axis: number; readonly keepDims: boolean }) => T,
): OperationDefinition<Name, OneHotAttributes> {
  const { infer, evaluate } = arg.definition;
  return {
    op,
    summary: `1 where the ${word} element along an axis is, the first of equal ones`,
    attributes: { axis: 'axisOrAll' },
    arity: [1, 1],
    infer([x], { axis }) {
      infer([x], { axis, keepDims: true });
      return [x];
    },
    evaluate([x], { axis }) {
      const [winner] = evaluate([x], { axis, keepDims: true });
      const { shape } = x;
      const length = axis === null ? sizeOf(shape) : shape[axis];
      const inner = axis === null ? 1 : sizeOf(shape.slice(axis + 1));
      const data = Float64Array.from(x.data, (_, i) => {
        const place = Math.floor(i / inner) % length;
        const row = Math.floor(i / (inner * length)) * inner + (i % inner);
        return winner.data[row] === place ? 1 : 0;
      });
      return [{ shape, data }];
    },
    expand(k, [x], { axis }) {
      const shape = k.shapeOf(x);
      const flat = axis === null ? k.reshape(x, { shape: [sizeOf(shape)], allowZero: true }) : x;
      const at = axis ?? 0;
      const length = k.shapeOf(flat)[at];
      const places = k.shapeOf(flat).map((_, i) => (i === at ? length : 1));
      const positions = { shape: places, data: Float64Array.from({ length }, (_, i) => i) };
      const wins = k.equal(index(k, flat, { axis: at, keepDims: true }), positions);
      return [axis === null ? k.reshape(wins, { shape: [...shape], allowZero: true }) : wins];
    },
    gradient: () => [undefined],
    bounds: ([x]) => [between(x.shape, 0, 1)],
    examples: [
      { shapes: [[2, 3]], attributes: { axis: 1 } },
      { shapes: [[4, 2]], attributes: { axis: 0 } },
      { shapes: [[2, 2, 2]], attributes: { axis: null } },
      { shapes: [[5]], attributes: { axis: 0 }, values: [0, 1], kinks: true },
      { shapes: [[1]], attributes: { axis: null } },
    ],
  };
}

export const oneHotArguments = ({ shape }: Shaped, axis?: number) => ({
  attributes: { axis: axis === undefined ? null : normalizeAxis(axis, (shape as Shape).length) },
});
