/** Batched matrix product; with a constant matrix on one side it becomes Linear. */
import { ModelShapeError } from '../errors.js';
import { ALL_OPSETS, type GraphOperator, type OnnxOperator } from '../operator.js';
import { broadcastTo } from '../plain-tensor.js';
import { at, broadcast, mayEqual, show, sizeOf } from '../shapes.js';
import { multiply } from './matrix.js';

export const matMul: GraphOperator<'MatMul'> = {
  op: 'MatMul',
  summary: 'Batched matrix product [..., m, k] x [..., k, n]',
  attributes: {},
  arity: [2, 2],
  infer([a, b]) {
    if (a === undefined || b === undefined || a.length < 2 || b.length < 2)
      throw new ModelShapeError(`${show(a)} and ${show(b)} are not both matrices`);
    if (!mayEqual(at(a, a.length - 1), at(b, b.length - 2)))
      throw new ModelShapeError(`matrices ${show(a)} and ${show(b)} do not fit`);
    return [...broadcast(a.slice(0, -2), b.slice(0, -2)), at(a, a.length - 2), at(b, b.length - 1)];
  },
  evaluate(inputs) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const shape = matMul.infer([a.shape, b.shape], {}) as number[];
    const batch = shape.slice(0, -2);
    const [m, n] = [at(shape, batch.length), at(shape, batch.length + 1)];
    const k = at(a.shape, a.shape.length - 1);
    const left = broadcastTo(a, [...batch, m, k]).data;
    const right = broadcastTo(b, [...batch, k, n]).data;
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < sizeOf(batch); i++)
      multiplyInto(
        data.subarray(i * m * n, (i + 1) * m * n),
        left.subarray(i * m * k, (i + 1) * m * k),
        right.subarray(i * k * n, (i + 1) * k * n),
        n,
        k,
      );
    return { shape, data };
  },
};

/** Adds a [m, k] times b [k, n] to y [m, n]. Four rows of b at a time, which reads and writes y less often. */
export function multiplyInto(y: Float64Array, a: Float64Array, b: Float64Array, n: number, k: number): void {
  const get = (values: Float64Array, index: number) => values[index] ?? 0;
  for (let row = 0, start = 0; row < y.length; row += n, start += k) {
    let j = 0;
    for (; j + 4 <= k; j += 4) {
      const [a0, a1] = [get(a, start + j), get(a, start + j + 1)];
      const [a2, a3] = [get(a, start + j + 2), get(a, start + j + 3)];
      const [b0, b1, b2, b3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
      for (let c = 0; c < n; c++)
        y[row + c] =
          (y[row + c] as number) +
          a0 * (b[b0 + c] as number) +
          a1 * (b[b1 + c] as number) +
          a2 * (b[b2 + c] as number) +
          a3 * (b[b3 + c] as number);
    }
    for (; j < k; j++) {
      const factor = get(a, start + j);
      for (let c = 0; c < n; c++) y[row + c] = (y[row + c] as number) + factor * (b[j * n + c] as number);
    }
  }
}

export const matMulOnnx: OnnxOperator = {
  name: 'MatMul',
  opsets: ALL_OPSETS,
  note: 'with a constant matrix becomes Linear',
  convert: (context) => context.result(multiply(context, context.input(0), context.input(1))),
};
