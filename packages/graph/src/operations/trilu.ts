/** The lower or upper triangle of the matrices of the last two axes; zeros elsewhere. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import type { PlainTensor } from '../plain/plain-tensor.js';

interface TriluAttributes {
  /** Diagonal where the triangle ends; those above the main one are positive. */
  readonly k: number;
  readonly upper: boolean;
}

export const definition: OperationDefinition<'Trilu', TriluAttributes> = {
  op: 'Trilu',
  summary: 'upper or lower triangle of matrices, zeros elsewhere',
  attributes: { k: 'int', upper: 'bool' },
  arity: [1, 1],
  moves: true,
  infer([x]) {
    if (x.length < 2) throw new ShapeError('a triangle needs at least two axes');
    return [x];
  },
  evaluate([x], attributes) {
    const { data } = triangle(x.shape, attributes);
    return [{ shape: x.shape, data: x.data.map((v, i) => (data[i % data.length] === 0 ? 0 : v)) }];
  },
  expand: (k, [x], attributes) => [k.mul(x, triangle(k.shapeOf(x), attributes))],
  examples: [
    { shapes: [[3, 4]], attributes: { k: 0, upper: true } },
    { shapes: [[2, 3, 3]], attributes: { k: -1, upper: false } },
    { shapes: [[2, 2]], attributes: { k: 5, upper: true } },
    { shapes: [[0, 3]], attributes: { k: 1, upper: false } },
  ],
};

/** Ones in the triangle, zeros elsewhere. */
function triangle(shape: readonly number[], { k, upper }: TriluAttributes): PlainTensor {
  const [rows, columns] = shape.slice(-2);
  const data = Float64Array.from({ length: rows * columns }, (_, i) => {
    const above = (i % columns) - Math.floor(i / columns) - k;
    return (upper ? above >= 0 : above <= 0) ? 1 : 0;
  });
  return { shape: [rows, columns], data };
}

export const methods = {
  /**
   * The lower triangle of each matrix of the last two axes, with the diagonal k; zeros above. No round of its own.
   * @param k diagonal: 0 is the main one, positive ones are above; default 0
   * @returns the shape of x
   * @throws ShapeError for fewer than two axes
   * @example x.tril(-1)
   */
  tril: (_x: Shaped, k = 0) => ({ attributes: { k, upper: false } }),
  /**
   * The upper triangle of each matrix of the last two axes, with the diagonal k; zeros below. No round of its own.
   * @param k diagonal: 0 is the main one, positive ones are above; default 0
   * @returns the shape of x
   * @throws ShapeError for fewer than two axes
   * @example x.triu(1)
   */
  triu: (_x: Shaped, k = 0) => ({ attributes: { k, upper: true } }),
};
