/** Matrix product by NumPy's rules: vectors, matrices, batches with broadcasting. One masked opening of each operand. */
import { ShapeError } from '@tacit/errors';
import type { None, OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { broadcastTo } from '../plain/plain-tensor.js';
import { at, broadcast, mayEqual, type Shape, sizeOf } from '../shape/dims.js';
import { unbroadcast } from './shared/elementwise.js';
import { productBounds } from './shared/interval-product.js';
import { multiplyInto } from './shared/multiply-into.js';

/** A vector on the left as one row, on the right as one column. */
const asRow = <D>(shape: readonly D[]): readonly (D | 1)[] => (shape.length === 1 ? [1, ...shape] : shape);
const asColumn = <D>(shape: readonly D[]): readonly (D | 1)[] => (shape.length === 1 ? [...shape, 1] : shape);

export const definition: OperationDefinition<'MatMul', None> = {
  op: 'MatMul',
  summary: 'matrix product [..., m, k] x [..., k, n], broadcasting batches',
  attributes: {},
  arity: [2, 2],
  factors: [0, 1],
  infer([left, right]) {
    if (left.length === 0 || right.length === 0) throw new ShapeError('a factor is a single number');
    const [a, b]: Shape[] = [asRow(left), asColumn(right)];
    if (!mayEqual(at(a, a.length - 1), at(b, b.length - 2))) throw new ShapeError('the inner sizes differ');
    const batch = broadcast(a.slice(0, -2), b.slice(0, -2));
    return [
      [
        ...batch,
        ...(left.length === 1 ? [] : [at(a, a.length - 2)]),
        ...(right.length === 1 ? [] : [at(b, b.length - 1)]),
      ],
    ];
  },
  evaluate([x, y]) {
    const [a, b] = [asRow(x.shape), asColumn(y.shape)];
    const batch = broadcast(a.slice(0, -2), b.slice(0, -2)) as number[];
    const [m, k] = a.slice(-2);
    const n = b[b.length - 1];
    const [shape] = definition.infer([x.shape, y.shape], {}) as number[][];
    const left = broadcastTo({ shape: a, data: x.data }, [...batch, m, k]).data;
    const right = broadcastTo({ shape: b, data: y.data }, [...batch, k, n]).data;
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; n > 0 && i < sizeOf(batch); i++)
      multiplyInto(
        data.subarray(i * m * n, (i + 1) * m * n),
        left.subarray(i * m * k, (i + 1) * m * k),
        right.subarray(i * k * n, (i + 1) * k * n),
        n,
        k,
      );
    return [{ shape, data }];
  },
  gradient(k, { inputs: [x, y], dy: [dz], needed }) {
    const [xs, ys] = [k.shapeOf(x), k.shapeOf(y)];
    const [a, b] = [asRow(xs), asColumn(ys)];
    const dzShape = [
      ...broadcast(a.slice(0, -2), b.slice(0, -2)),
      a[a.length - 2],
      b[b.length - 1],
    ] as number[];
    const shaped = (v: typeof x, shape: readonly number[]) => k.reshape(v, { shape, allowZero: true });
    const [X, Y, dZ] = [shaped(x, a), shaped(y, b), shaped(dz, dzShape)];
    const dX = () => shaped(unbroadcast(k, k.matMul(dZ, swapLast(k, Y)), a), xs);
    const dY = () => shaped(unbroadcast(k, k.matMul(swapLast(k, X), dZ), b), ys);
    return [needed[0] ? dX() : undefined, needed[1] ? dY() : undefined];
  },
  bounds: ([x, y]) => [productBounds(x, y, (a, b) => definition.evaluate([a, b], {})[0])],
  examples: [
    [
      [2, 3],
      [3, 2],
    ],
    [[3], [3]],
    [[3], [2, 3, 2]],
    [[2, 2, 3], [3]],
    [
      [2, 1, 2, 3],
      [3, 3, 1],
    ],
    [
      [2, 0],
      [0, 3],
    ],
    [
      [0, 2],
      [2, 2],
    ],
    [
      [1, 2, 3],
      [4, 3, 2],
    ],
  ].map((shapes) => ({ shapes, attributes: {} })),
};

function swapLast<T>(k: Operations<T>, x: T): T {
  const perm = k.shapeOf(x).map((_, i) => i);
  perm.push(...perm.splice(-2).reverse());
  return k.transpose(x, { perm });
}

export const methods = {
  /**
   * Matrix product by NumPy's rules. One round, none for operands that were opened before; sums of products must stay
   * below 2^28.
   * @param y other operand, secret, owned or public
   * @returns [..., m, n] for x [..., m, k] and y [..., k, n]; batches broadcast, a vector counts as a row or column
   * @throws ShapeError where the inner sizes differ or the batches do not broadcast together
   * @example x.matmul(w)
   */
  matmul: (_x: Shaped, y: Operand) => ({ inputs: [y], attributes: {} }),
};
