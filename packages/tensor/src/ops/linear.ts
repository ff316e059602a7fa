/** Matrix products and convolutions of a secret with a secret, an owned or a public operand. */
import {
  type Bilinear,
  linearMasked,
  maskOnce,
  maskToward,
  ownedLinear,
  productBits,
  ShapeError,
} from '@tacit/mpc';
import { broadcastShapes, type Conv2dSizes } from '@tacit/ring';
import { CrypTensor, type Operand } from '../cryptensor.js';
import { Product } from '../product.js';
import { type Resolved, resolve, shapeOf } from './operands.js';
import { applyPlain } from './plain-linear.js';

/** f(x, y), whatever y is. */
function bilinear(x: CrypTensor, y: Resolved, f: Bilinear, shape: readonly number[]): CrypTensor {
  const { session } = x;
  const a = x.workingPrecision();
  if (y.kind === 'public') {
    const { fractionBits } = session.config;
    const words = session.ring.encode(y.plain.data, fractionBits);
    return new CrypTensor(session, applyPlain(session, a.share, words, f, shape), a.scale + fractionBits);
  }
  if (y.kind === 'owned') {
    const { owned, scale } = y.tensor.operand(session.config.fractionBits);
    const W = owned.opened;
    const X = maskToward(session, a.share, y.tensor.owner);
    const product = new Product(session, shape, [X, W], (t) => ownedLinear(session, f, X, W, true, shape, t));
    return new CrypTensor(session, product, a.scale + scale);
  }
  const b = y.tensor.workingPrecision();
  const X = maskOnce(session, a.share);
  const Y = maskOnce(session, b.share);
  const product = new Product(session, shape, [X, Y], (t) => linearMasked(session, f, X, Y, shape, t));
  return new CrypTensor(session, product, a.scale + b.scale + productBits(session.parties));
}

export function matmul(x: CrypTensor, other: Operand): CrypTensor {
  const y = resolve(other);
  const left = x.shape;
  const right = shapeOf(y);
  const fail = () => new ShapeError(`matmul: shapes [${left}] and [${right}] do not fit`);
  if (left.length === 0 || right.length === 0) throw fail();
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  const [m, k] = a.slice(-2);
  const [k2, n] = b.slice(-2);
  if (k !== k2) throw fail();
  const aBatch = a.slice(0, -2);
  const bBatch = b.slice(0, -2);
  const aCount = aBatch.reduce((p, d) => p * d, 1);
  const bCount = bBatch.reduce((p, d) => p * d, 1);
  if (
    bCount !== 1 &&
    aCount !== 1 &&
    (aBatch.length !== bBatch.length || aBatch.some((d, i) => d !== bBatch[i]))
  )
    throw fail();
  const batchShape = broadcastShapes(aBatch, bBatch);
  const shape = [...batchShape, ...(left.length === 1 ? [] : [m]), ...(right.length === 1 ? [] : [n])];
  // One right matrix for a batch of left ones is a single, taller product.
  const f: Bilinear =
    bCount === 1
      ? { op: 'matmul', m: m * aCount, k, n, batch: 1, aBroadcast: false, bBroadcast: false }
      : { op: 'matmul', m, k, n, batch: bCount, aBroadcast: aCount === 1, bBroadcast: false };
  return bilinear(x, y, f, shape);
}

export interface ConvOptions {
  readonly stride?: readonly [number, number] | number;
  readonly dilation?: readonly [number, number] | number;
  /** [top, left, bottom, right], or one number for all sides. */
  readonly pads?: readonly [number, number, number, number] | number;
  readonly groups?: number;
}

const pair = (v: readonly [number, number] | number | undefined): [number, number] =>
  v === undefined ? [1, 1] : typeof v === 'number' ? [v, v] : [v[0], v[1]];
export const sides = (
  v: readonly [number, number, number, number] | number | undefined,
): [number, number, number, number] =>
  v === undefined ? [0, 0, 0, 0] : typeof v === 'number' ? [v, v, v, v] : [v[0], v[1], v[2], v[3]];

/** Size of a window's output along one axis. */
export const windowCount = (
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number => Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

export function conv2d(x: CrypTensor, w: Operand, options: ConvOptions = {}): CrypTensor {
  const y = resolve(w);
  const ws = shapeOf(y);
  const groups = options.groups ?? 1;
  if (x.rank !== 4 || ws.length !== 4 || ws[1] * groups !== x.shape[1] || ws[0] % groups !== 0)
    throw new ShapeError(`conv2d: image [${x.shape}] and weights [${ws}] do not fit in ${groups} group(s)`);
  const [batch, inChannels, height, width] = x.shape;
  const [outChannels, , kh, kw] = ws;
  const stride = pair(options.stride);
  const dilation = pair(options.dilation);
  const pads = sides(options.pads);
  const oh = windowCount(height, kh, stride[0], dilation[0], pads[0], pads[2]);
  const ow = windowCount(width, kw, stride[1], dilation[1], pads[1], pads[3]);
  if (oh < 1 || ow < 1)
    throw new ShapeError(`conv2d: a ${kh}x${kw} kernel does not fit into the image [${x.shape}]`);
  const params: Conv2dSizes = {
    batch,
    inChannels,
    height,
    width,
    outChannels,
    kernel: [kh, kw],
    stride,
    dilation,
    pads,
    groups,
  };
  return bilinear(x, y, { op: 'conv2d', params }, [batch, outChannels, oh, ow]);
}

export interface Conv1dOptions {
  readonly stride?: number;
  readonly dilation?: number;
  /** [left, right], or one number for both. */
  readonly pads?: readonly [number, number] | number;
  readonly groups?: number;
}

export function conv1d(x: CrypTensor, w: Operand, options: Conv1dOptions = {}): CrypTensor {
  const y = resolve(w);
  const ws = shapeOf(y);
  const groups = options.groups ?? 1;
  if (x.rank !== 3 || ws.length !== 3 || ws[1] * groups !== x.shape[1] || ws[0] % groups !== 0)
    throw new ShapeError(`conv1d: signal [${x.shape}] and weights [${ws}] do not fit in ${groups} group(s)`);
  const [batch, inChannels, width] = x.shape;
  const [outChannels, , kw] = ws;
  const stride = options.stride ?? 1;
  const dilation = options.dilation ?? 1;
  const [left, right] = pair(options.pads ?? 0);
  const ow = windowCount(width, kw, stride, dilation, left, right);
  if (ow < 1) throw new ShapeError(`conv1d: a kernel of ${kw} does not fit into the signal [${x.shape}]`);
  const params: Conv2dSizes = {
    batch,
    inChannels,
    height: 1,
    width,
    outChannels,
    kernel: [1, kw],
    stride: [1, stride],
    dilation: [1, dilation],
    pads: [0, left, 0, right],
    groups,
  };
  return bilinear(x, y, { op: 'conv2d', params }, [batch, outChannels, ow]);
}
