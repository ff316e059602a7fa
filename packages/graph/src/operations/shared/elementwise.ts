/** Operations on each element, or on pairs of elements with broadcasting. */
import type { Linearization, None, OnnxForm, OperationDefinition } from '../../operation/definition.js';
import type { Operations } from '../../operation/operations.js';
import { type Interval, rising } from '../../plain/interval.js';
import { map, zip } from '../../plain/plain-tensor.js';
import { at, broadcast, sameShape } from '../../shape/dims.js';

type Common<Name extends string> = Pick<
  OperationDefinition<Name>,
  'summary' | 'accuracy' | 'onnx' | 'expand' | 'bounds' | 'monotone' | 'factors'
> & { readonly op: Name };

/** Shapes that a reader would try, and those that are forgotten. */
const SHAPES = [[6], [2, 3], [], [0], [2, 1, 2]];

/** A function of each element, without attributes. */
export function unary<Name extends string>(
  about: Common<Name> & {
    readonly plain: (x: number) => number;
    /** Derivative times the cotangent. */
    readonly derivative?: <T>(k: Operations<T>, x: T, y: T, dy: T) => T | undefined;
    readonly range?: readonly [number, number];
  },
): OperationDefinition<Name> {
  const { plain, derivative, range, ...common } = about;
  return {
    ...common,
    attributes: {},
    arity: [1, 1],
    infer: (inputs) => [at(inputs, 0)],
    evaluate: ([x]) => [map(x, plain)],
    ...(derivative && {
      gradient: <T>(k: Operations<T>, { inputs, outputs, dy }: Linearization<T, None>) => [
        derivative(k, inputs[0], outputs[0], dy[0]),
      ],
    }),
    examples: SHAPES.map((shape) => ({ shapes: [shape], attributes: {}, ...(range && { range }) })),
  };
}

/** A function of pairs of elements, with NumPy's broadcasting, without attributes. */
export function binary<Name extends string>(
  about: Common<Name> & {
    readonly plain: (x: number, y: number) => number;
    /** Cotangents of both operands, in the shape of the result. */
    readonly derivative?: <T>(
      k: Operations<T>,
      x: T,
      y: T,
      z: T,
      dy: T,
      needed: readonly boolean[],
    ) => readonly [T | undefined, T | undefined];
    readonly values?: readonly number[];
  },
): OperationDefinition<Name> {
  const { plain, derivative, values, ...common } = about;
  return {
    ...common,
    attributes: {},
    arity: [2, 2],
    infer: (inputs) => [broadcast(at(inputs, 0), at(inputs, 1))],
    evaluate: ([x, y]) => [zip(x, y, plain)],
    ...(derivative && {
      gradient: <T>(k: Operations<T>, { inputs: [x, y], outputs, dy, needed }: Linearization<T, None>) => {
        const [dx, dz] = derivative(k, x, y, outputs[0], dy[0], needed);
        return [
          needed[0] && dx !== undefined ? unbroadcast(k, dx, k.shapeOf(x)) : undefined,
          needed[1] && dz !== undefined ? unbroadcast(k, dz, k.shapeOf(y)) : undefined,
        ];
      },
    }),
    examples: [
      [
        [2, 3],
        [2, 3],
      ],
      [[2, 3], [3]],
      [[3], [2, 1]],
      [[], [4]],
      [[0, 2], [2]],
      [
        [2, 1, 3],
        [1, 2, 1],
      ],
    ].map((shapes) => ({ shapes, attributes: {}, ...(values && { values, kinks: true as const }) })),
  };
}

/** A cotangent summed over what broadcasting repeated. */
export function unbroadcast<T>(k: Operations<T>, dy: T, shape: readonly number[]): T {
  const from = k.shapeOf(dy);
  if (sameShape(from, shape)) return dy;
  const lead = from.length - shape.length;
  const axes = from.flatMap((d, axis) =>
    axis < lead || (shape[axis - lead] === 1 && d !== 1) ? [axis] : [],
  );
  return k.reshape(axes.length > 0 ? k.reduceSum(dy, { axes, keepDims: true }) : dy, {
    shape,
    allowZero: true,
  });
}

/** Bounds of a function that rises in both operands. */
export const risingBounds =
  (plain: (x: number, y: number) => number) =>
  ([x, y]: readonly Interval[]): readonly Interval[] => [
    rising(broadcast(x.shape, y.shape) as number[], (a, b) => zip(a, b, plain), x, y),
  ];

/** ONNX's operator of another name, without attributes. */
export const onnx = (name: string, since?: number, note?: string): OnnxForm => ({
  name,
  ...(since !== undefined && { since }),
  ...(note && { note }),
});
