/** Matrix products by NumPy's rules with any kind of operand on either side. */
import { gatherStrided, type PlainTensor, broadcastTo as plainBroadcast, sizeOf } from '@tacit/graph';
import type { Bilinear } from '@tacit/mpc';
import { permute } from '@tacit/ring';
import type { FixedPoint, ValueContext } from '../fixed-point/fixed-point.js';
import { featuresPrecise } from '../fixed-point/precision.js';
import type { OwnedTensor } from '../owned-tensor.js';
import { broadcast, isOwned, isSecret, type PrivateValue, secretOf } from '../private-value.js';
import { type BilinearMap, bilinearOwned, bilinearPublic, bilinearSecrets } from './bilinear.js';
import type { PrivateKernel } from './kernel.js';

type Shape = readonly number[];

/** How much larger than one product the sum of k of them is, as a logarithm. */
type Growth = (k: number) => number;

const growth: Growth = (k) => (k > 1 ? Math.log2(k) : 0);
/** Of one-hot rows: all products but one are zeros. */
export const ONE_HOT: Growth = () => 0;

export const matMul: PrivateKernel<'MatMul'> = (context, [x, y], _attributes, [shape]) => [
  matrixProduct(context, x, y, shape),
];

/** x times y, at least one of them secret or owned. */
export function matrixProduct(
  context: ValueContext,
  x: PrivateValue,
  y: PrivateValue,
  shape: Shape,
  grows = growth,
): FixedPoint {
  if (isSecret(x)) return rightOf(x, y, shape, grows);
  if (isSecret(y)) return leftOf(x, y, shape, grows);
  return rightOf(secretOf(context, x), y, shape, grows);
}

/** How the matrices of two operands meet. */
interface Meeting {
  readonly f: Bilinear & { readonly op: 'matmul' };
  /** Operands that repeat their matrices along axes of the batch, and have to be repeated themselves. */
  readonly left: Shape | undefined;
  readonly right: Shape | undefined;
}

function meeting(left: Shape, right: Shape, shape: Shape): Meeting {
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  const [m, k] = a.slice(-2);
  const n = b[b.length - 1];
  const [aBatch, bBatch] = [a.slice(0, -2), b.slice(0, -2)];
  const batchRank = shape.length - (left.length === 1 ? 0 : 1) - (right.length === 1 ? 0 : 1);
  const batch = shape.slice(0, batchRank);
  const [aCount, bCount, count] = [aBatch, bBatch, batch].map(sizeOf);
  // One right matrix for a batch of left ones is a single, taller product.
  if (bCount === 1 && aCount === count)
    return {
      f: { op: 'matmul', m: m * aCount, k, n, batch: 1, aBroadcast: false, bBroadcast: false },
      left: undefined,
      right: undefined,
    };
  const alone = (own: number) => own === 1 && count !== 1;
  return {
    f: { op: 'matmul', m, k, n, batch: count, aBroadcast: alone(aCount), bBroadcast: alone(bCount) },
    left: alone(aCount) || aCount === count ? undefined : [...batch, m, k],
    right: alone(bCount) || bCount === count ? undefined : [...batch, k, n],
  };
}

/** x times y, where x is secret. */
function rightOf(x: FixedPoint, y: PrivateValue, shape: Shape, grows: Growth): FixedPoint {
  const { f, left, right } = meeting(x.shape, y.shape, shape);
  const map: BilinearMap = { f, shape, grows: grows(f.k) };
  const a = left ? broadcast(asMatrix(x, left), left) : x;
  if (isSecret(y)) return bilinearSecrets(a, right ? broadcast(asMatrix(y, right), right) : y, map);
  if (isOwned(y)) return bilinearOwned(a, repeated(y, right), map, (_context, operand) => operand);
  const values = right
    ? plainBroadcast(y.shape.length === 1 ? { ...y, shape: right.slice(-2) } : y, right)
    : y;
  return bilinearPublic(
    a,
    values,
    map,
    featuresPrecise(values.data, (i) => Math.floor(i / f.n) % f.k),
  );
}

/** x times y, where only y is secret: an owned or public matrix on the left. */
function leftOf(x: OwnedTensor | PlainTensor, y: FixedPoint, shape: Shape, grows: Growth): FixedPoint {
  const { f, left, right } = meeting(x.shape, y.shape, shape);
  const b = right ? broadcast(asMatrix(y, right), right) : y;
  if (isOwned(x)) {
    const w = repeated(x, left);
    return bilinearOwned(b, w, { f, shape, grows: grows(f.k) }, (_context, operand) => operand, false);
  }
  // Public words are the right operand of a local map: (y^T x^T)^T.
  return transposed(
    rightOf(transposed(b), transposedPlain(x), swapped(shape, x.shape, y.shape), grows),
    x.shape,
    y.shape,
  );
}

/** The shape of the transposed product. */
function swapped(shape: Shape, left: Shape, right: Shape): Shape {
  if (left.length === 1 || right.length === 1) return shape;
  const [m, n] = shape.slice(-2);
  return [...shape.slice(0, -2), n, m];
}

function transposed(x: FixedPoint, left?: Shape, right?: Shape): FixedPoint {
  if (x.rank < 2 || left?.length === 1 || right?.length === 1) return x;
  return x.with(x.engine.view(x.share, permute(x.shape, lastSwapped(x.rank))));
}

function transposedPlain(x: PlainTensor): PlainTensor {
  if (x.shape.length < 2) return x;
  const { shape, strides } = permute(x.shape, lastSwapped(x.shape.length));
  return gatherStrided(x.data, shape, strides);
}

const lastSwapped = (rank: number): number[] => {
  const order = Array.from({ length: rank }, (_, i) => i);
  order.push(...order.splice(-2).reverse());
  return order;
};

/** A vector as the matrix that its place asks for. */
const asMatrix = (x: FixedPoint, matrix: Shape): FixedPoint =>
  x.rank === 1 ? x.with(x.share.reshaped(matrix.slice(-2))) : x;

/** Owned values repeated along the batch. */
function repeated(w: OwnedTensor, shape: Shape | undefined): OwnedTensor {
  if (!shape) return w;
  const matrix = w.shape.length === 1 ? w.reshape(shape.slice(-2)) : w;
  return matrix.broadcast(shape);
}
