/** Products of matrices where one side may be a parameter: shared by Gemm and MatMul. */
import { at, type ConstantValue, gatherTensor, type PlainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';

/** Transpose of a matrix. */
export function transposed(matrix: PlainTensor): PlainTensor {
  const [rows, columns] = [at(matrix.shape, 0), at(matrix.shape, 1)];
  return gatherTensor(matrix, [columns, rows], [1, columns]);
}

/** Swaps the last two axes of a value. */
export function swapLast(context: NodeContext, value: Value): Value {
  const perm = Array.from({ length: context.rank(value) }, (_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  return context.emit('Transpose', [value], { perm });
}

/** A vector as a matrix of one column. */
function asColumn(context: NodeContext, value: ConstantValue): ConstantValue {
  if (value.shape.length === 2) return value;
  const column = { shape: [at(value.shape, 0), 1], data: value.tensor.data };
  return context.makeConstant('weight', column, value.type) as ConstantValue;
}

/** a times b as NumPy's matmul, by Linear where one side is a constant matrix or vector. */
export function multiply(context: NodeContext, a: Value, b: Value): Value {
  const [rankA, rankB] = [context.rank(a), context.rank(b)];
  if (rankA === 0 || rankB === 0) context.fail('a factor is a single number');
  if (a.kind !== 'constant' && b.kind === 'constant' && rankB <= 2) {
    const y = context.emit('Linear', [a, asColumn(context, b)], {});
    return rankB === 1 ? context.emit('Squeeze', [y], { axes: [rankA - 1] }) : y;
  }
  if (a.kind === 'constant' && b.kind !== 'constant' && rankA <= 2 && rankB >= 2) {
    // a b = (b^T a^T)^T, where the product with a^T is a Linear.
    const weight =
      rankA === 1 ? asColumn(context, a) : context.makeConstant('weight', transposed(a.tensor), a.type);
    const y = context.emit('Linear', [swapLast(context, b), weight], {});
    return rankA === 1 ? context.emit('Squeeze', [y], { axes: [rankB - 1] }) : swapLast(context, y);
  }
  const left = rankA === 1 ? context.emit('Unsqueeze', [a], { axes: [0] }) : a;
  const right = rankB === 1 ? context.emit('Unsqueeze', [b], { axes: [1] }) : b;
  const y = context.emit('MatMul', [left, right], {});
  const rank = context.rank(y);
  const axes = [...(rankA === 1 ? [rank - 2] : []), ...(rankB === 1 ? [rank - 1] : [])];
  return axes.length > 0 ? context.emit('Squeeze', [y], { axes }) : y;
}
