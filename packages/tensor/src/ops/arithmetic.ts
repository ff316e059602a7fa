/** Sums, products, powers and reductions. */
import {
  addOwned,
  addPublic,
  add as addShares,
  type Bilinear,
  fingerprint,
  linearMasked,
  type Masked,
  mapLocal,
  maskOnce,
  maskToward,
  mulPublic,
  mulScalar,
  multiplyMasked,
  neg as negShare,
  ownedLinear,
  productBits,
  type Session,
  type Share,
  squareMasked,
  sub as subShares,
  viewMasked,
} from '@tacit/mpc';
import { broadcastTo, sizeOf } from '@tacit/ring';
import { CrypTensor, type Operand } from '../cryptensor.js';
import type { OwnedTensor } from '../owned-tensor.js';
import type { Plain } from '../plain.js';
import { Product } from '../product.js';
import { axesOf } from './axes.js';
import { broadcast, broadcastWords, commonShape, encodeAs, resolve, sameShape, shapeOf } from './operands.js';

/** The same value with more fraction bits. Local. */
export function atScale(x: CrypTensor, scale: number): CrypTensor {
  if (x.scale === scale) return x;
  return new CrypTensor(x.session, mulScalar(x.session, x.share, 1n << BigInt(scale - x.scale)), scale);
}

/** x with room for a number's fraction bits: bits, indices and products of such have none or a few. Local. */
export function withFractions(x: CrypTensor): CrypTensor {
  const { fractionBits } = x.session.config;
  return x.scale < fractionBits ? atScale(x, fractionBits) : x;
}

/** Two secrets at one scale. What is far above working precision is truncated rather than the other widened. */
function aligned(x: CrypTensor, y: CrypTensor): [CrypTensor, CrypTensor] {
  const { fractionBits } = x.session.config;
  const most = Math.max(x.scale, y.scale);
  const ofProduct = 2 * fractionBits + 8 + productBits(x.session.parties);
  if (most > ofProduct) return aligned(x.workingPrecision(), y.workingPrecision());
  return [atScale(x, most), atScale(y, most)];
}

export function add(x: CrypTensor, other: Operand): CrypTensor {
  const y = resolve(other);
  const shape = commonShape('add', x.shape, shapeOf(y));
  if (y.kind === 'secret') {
    const [a, b] = aligned(x, y.tensor);
    return new CrypTensor(
      x.session,
      addShares(x.session, broadcast(a, shape).share, broadcast(b, shape).share),
      a.scale,
    );
  }
  const wide = broadcast(withFractions(x), shape);
  const share =
    y.kind === 'public'
      ? addWords(wide, y.plain, shape)
      : addOwned(x.session, wide.share, y.tensor.owner, ownedWords(y.tensor, wide.scale, shape));
  return new CrypTensor(x.session, share, wide.scale);
}

function addWords({ session, share, scale }: CrypTensor, y: Plain, shape: readonly number[]): Share {
  const words = session.ring.encode(y.data, scale);
  // Of a bias the few words are told apart, not the broadcast ones.
  const identity = `${y.shape}/${fingerprint(words)}`;
  return addPublic(session, share, broadcastWords(session.ring, words, y.shape, shape), identity);
}

const ownedWords = (y: OwnedTensor, scale: number, shape: readonly number[]) => {
  const words = y.encoded(scale);
  return words && broadcastWords(y.session.ring, words, y.shape, shape);
};

export function sub(x: CrypTensor, other: Operand): CrypTensor {
  const y = resolve(other);
  const shape = commonShape('sub', x.shape, shapeOf(y));
  if (y.kind === 'secret') {
    const [a, b] = aligned(x, y.tensor);
    return new CrypTensor(
      x.session,
      subShares(x.session, broadcast(a, shape).share, broadcast(b, shape).share),
      a.scale,
    );
  }
  if (y.kind === 'owned') return neg(add(neg(x), other));
  return add(x, { dims: y.plain.shape, data: y.plain.data.map((v) => -v) });
}

export const neg = (x: CrypTensor): CrypTensor =>
  new CrypTensor(x.session, negShare(x.session, x.share), x.scale);

export function mul(x: CrypTensor, other: Operand): CrypTensor {
  const y = resolve(other);
  if (y.kind === 'public') return mulPlain(x, y.plain);
  const shape = commonShape('mul', x.shape, y.tensor.shape);
  const a = x.workingPrecision();
  const f: Bilinear = { op: 'mul', n: sizeOf(shape) };
  if (y.kind === 'owned') {
    const { owned, scale } = y.tensor.operand(x.session.config.fractionBits);
    const X = viewTo(x.session, maskToward(x.session, a.share, y.tensor.owner), shape);
    const W = viewTo(x.session, owned.opened, shape);
    const product = new Product(x.session, shape, [X, W], (t) =>
      ownedLinear(x.session, f, X, W, true, shape, t),
    );
    return new CrypTensor(x.session, product, a.scale + scale);
  }
  if (y.tensor === x) return square(x);
  const b = y.tensor.workingPrecision();
  const scale = a.scale + b.scale + productBits(x.session.parties);
  const A = maskOnce(x.session, a.share);
  const B = maskOnce(x.session, b.share);
  const plain = sameShape(a.shape, b.shape) && A.ref.views.length + B.ref.views.length === 0;
  const product = plain
    ? new Product(x.session, shape, [A, B], (t) => multiplyMasked(x.session, A, B, t))
    : broadcastProduct(x.session, f, viewTo(x.session, A, shape), viewTo(x.session, B, shape), shape);
  return new CrypTensor(x.session, product, scale);
}

const broadcastProduct = (session: Session, f: Bilinear, X: Masked, Y: Masked, shape: readonly number[]) =>
  new Product(session, shape, [X, Y], (t) => linearMasked(session, f, X, Y, shape, t));

const viewTo = (session: Session, masked: Masked, shape: readonly number[]) =>
  sameShape(masked.shape, shape) ? masked : viewMasked(session, masked, broadcastTo(masked.shape, shape));

/** Product with public values: integers cost nothing, others add the working precision to the scale. */
function mulPlain(x: CrypTensor, y: Plain): CrypTensor {
  const { session } = x;
  const shape = commonShape('mul', x.shape, y.shape);
  const integers = y.data.every((v) => Number.isInteger(v) && Math.abs(v) < 2 ** 20);
  const a = broadcast(integers ? x : x.workingPrecision(), shape);
  const scale = integers ? 0 : session.config.fractionBits;
  const share =
    y.data.length === 1
      ? mulScalar(session, a.share, session.ring.encode(y.data, scale)[0])
      : mulPublic(session, a.share, encodeAs(session.ring, y, scale, shape));
  return new CrypTensor(session, share, a.scale + scale);
}

/** Fraction bits that a public inverse may have beyond the working precision, and those that it has to spare. */
const INVERSE_EXTRA = 14;
const INVERSE_SPARE = 8;

/**
 * x / y for a public number. A power of two only moves the binary point; another inverse is encoded with as many more
 * bits as y is large, so that the quotient is good to a unit in the last place up to |y| = 2^6 and values of 2^15.
 */
export function divNumber(x: CrypTensor, y: number): CrypTensor {
  if (y === 0 || !Number.isFinite(y)) throw new RangeError(`cannot divide by ${y}`);
  const { session } = x;
  const power = Math.log2(Math.abs(y));
  if (Number.isInteger(power) && power >= 0 && power <= 24) {
    const moved = new CrypTensor(session, x.share.reshaped(x.shape), x.scale + power);
    return y < 0 ? neg(moved) : moved;
  }
  const { fractionBits } = session.config;
  const extra = Math.min(INVERSE_EXTRA, Math.max(0, Math.ceil(power) + INVERSE_SPARE));
  const bits = fractionBits + extra;
  const narrow = x.workingPrecision();
  const inverse = session.ring.encode([1 / y], bits)[0];
  return new CrypTensor(session, mulScalar(session, narrow.share, inverse), narrow.scale + bits);
}

export function square(x: CrypTensor): CrypTensor {
  const a = x.workingPrecision();
  const masked = maskOnce(x.session, a.share);
  const product = new Product(x.session, a.shape, [masked], (t) => squareMasked(x.session, masked, t));
  return new CrypTensor(x.session, product, 2 * a.scale + productBits(x.session.parties));
}

export function pow(x: CrypTensor, n: number): CrypTensor {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`pow takes a whole exponent of at least 1, got ${n}`);
  let result: CrypTensor | undefined;
  let base = x;
  for (let left = n; ; base = square(base)) {
    if (left % 2 === 1) result = result ? mul(result, base) : base;
    left = Math.floor(left / 2);
    if (left === 0) return result as CrypTensor;
  }
}

export function sum(
  x: CrypTensor,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
): CrypTensor {
  const list = axesOf('sum', axes, x.shape);
  const shape = x.shape.flatMap((d, i) => (list.includes(i) ? (keepDims ? [1] : []) : [d]));
  const share = mapLocal(
    x.session,
    'sum',
    [x.share],
    shape,
    (op, [a], out) => out.set(op.ring.sumAxes(a, x.shape, list, keepDims).words),
    { axes: list },
  );
  return new CrypTensor(x.session, share, x.scale);
}

export function mean(
  x: CrypTensor,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
): CrypTensor {
  const count = axesOf('mean', axes, x.shape).reduce((n, axis) => n * x.shape[axis], 1);
  return divNumber(sum(x, axes, keepDims), count);
}
