/** The sum of a matrix's diagonal. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';

export const definition: OperationDefinition<'Trace'> = {
  op: 'Trace',
  summary: "the sum of a matrix's diagonal",
  attributes: {},
  arity: [1, 1],
  infer([x]) {
    if (x.length !== 2) throw new ShapeError('it takes a matrix');
    return [[]];
  },
  evaluate: ([x]) => [
    { shape: [], data: Float64Array.of(diagonal(x.shape).reduce((sum, place) => sum + x.data[place], 0)) },
  ],
  expand(k, [x]) {
    const indices = diagonal(k.shapeOf(x));
    const elements = k.take(x, { axis: null, indices, shape: [indices.length] });
    return [k.reduceSum(elements, { axes: [0], keepDims: false })];
  },
  examples: [
    [3, 3],
    [2, 4],
    [1, 1],
    [0, 2],
  ].map((shape) => ({ shapes: [shape], attributes: {} })),
};

const diagonal = ([rows, columns]: readonly number[]): number[] =>
  Array.from({ length: Math.min(rows, columns) }, (_, i) => i * (columns + 1));

export const methods = {
  /**
   * The sum of the diagonal of a matrix. No round.
   * @returns a scalar
   * @throws ShapeError for what is not a matrix
   */
  trace: () => ({ attributes: {} }),
};
