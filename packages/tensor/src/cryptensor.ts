/**
 * CrypTensor: a handle to a secret-shared fixed-point tensor. Operations return handles at once; only getPlainText and
 * reveal are awaited. All parties must issue the same operations in the same order.
 *
 * A value v is held as v * 2^scale mod 2^64. Products are not truncated before something needs it: a ReLU truncates in
 * its own rounds, a sum costs nothing. JavaScript has no operator overloading, so x < y on tensors throws.
 */
import type { Session, Share } from '@tacit/mpc';
import { maskOnce, reveal, revealRounded, roundsOnTheWay, truncateOnce } from '@tacit/mpc';
import type { Words } from '@tacit/ring';
import type { Tensor } from 'onnxruntime-common';
import * as activation from './ops/activation.js';
import * as arithmetic from './ops/arithmetic.js';
import * as comparison from './ops/comparison.js';
import * as extremes from './ops/extremes.js';
import * as linear from './ops/linear.js';
import * as maxPooling from './ops/max-pool.js';
import * as pooling from './ops/pooling.js';
import * as views from './ops/views.js';
import type { OwnedTensor } from './owned-tensor.js';
import type { Plain, PlainInput } from './plain.js';
import { Product } from './product.js';
import { track, untracked } from './tidy.js';

/** What an operation accepts as its other operand. */
export type Operand = CrypTensor | OwnedTensor | PlainInput;

/** Fraction bits above the working precision that an operand of a product may carry before it is truncated. */
const SPARE_BITS = 4;

export class CrypTensor {
  #truncated: CrypTensor | undefined;

  constructor(
    readonly session: Session,
    readonly source: Share | Product,
    /** Fraction bits of the value as it is held now. */
    readonly scale: number,
  ) {
    track(this);
  }

  /** This party's share. A product is issued at its first use. */
  get share(): Share {
    return this.source instanceof Product ? this.source.raw() : this.source;
  }
  get shape(): readonly number[] {
    return this.source.shape;
  }
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }
  get rank(): number {
    return this.shape.length;
  }
  /** Rounds on the longest chain of messages that leads to this tensor. */
  get rounds(): number {
    return this.source.depth;
  }

  /** This tensor with few enough fraction bits to be multiplied: itself, or its truncation (made once). One round. */
  workingPrecision(spare = SPARE_BITS): CrypTensor {
    const { fractionBits } = this.session.config;
    if (this.scale <= fractionBits + spare) return this;
    if (!this.#truncated) {
      const { session, source } = this;
      const bits = this.scale - fractionBits;
      const share = source instanceof Product ? source.truncated(bits) : truncateOnce(session, source, bits);
      // It belongs to this tensor, whatever scope asked for it.
      this.#truncated = untracked(session, () => new CrypTensor(session, share, fractionBits));
    }
    return this.#truncated;
  }

  /** Opens this tensor under a mask now, so that later products with it send nothing for it. */
  async masked(): Promise<void> {
    await maskOnce(this.session, this.workingPrecision().share).value;
  }

  add = (y: Operand): CrypTensor => arithmetic.add(this, y);
  sub = (y: Operand): CrypTensor => arithmetic.sub(this, y);
  mul = (y: Operand): CrypTensor => arithmetic.mul(this, y);
  neg = (): CrypTensor => arithmetic.neg(this);
  /** x / y for a public number y. */
  div = (y: number): CrypTensor => arithmetic.divNumber(this, y);
  square = (): CrypTensor => arithmetic.square(this);
  /** x^n for an integer n >= 1, by repeated squaring. */
  pow = (n: number): CrypTensor => arithmetic.pow(this, n);
  sum = (axes?: number | readonly number[], keepDims = false): CrypTensor =>
    arithmetic.sum(this, axes, keepDims);
  mean = (axes?: number | readonly number[], keepDims = false): CrypTensor =>
    arithmetic.mean(this, axes, keepDims);

  /** Matrix product with NumPy's rules: vectors, matrices, batches. */
  matmul = (y: Operand): CrypTensor => linear.matmul(this, y);
  /** NCHW by OIHW. */
  conv2d = (w: Operand, options?: linear.ConvOptions): CrypTensor => linear.conv2d(this, w, options);
  /** NCW by OIW. */
  conv1d = (w: Operand, options?: linear.Conv1dOptions): CrypTensor => linear.conv1d(this, w, options);

  relu = (): CrypTensor => comparison.relu(this);
  /** 1 / (1 + exp(-x)), at most 2e-4 off for every x. */
  sigmoid = (): CrypTensor => activation.sigmoid(this);
  /** At most 1.9e-4 off for every x. */
  tanh = (): CrypTensor => activation.tanh(this);
  abs = (): CrypTensor => activation.abs(this);
  /** -1, 0 or 1. */
  sign = (): CrypTensor => activation.sign(this);
  /** Bounded by min and max; either may be left out. */
  clip = (min?: number, max?: number): CrypTensor => activation.clip(this, min, max);

  /** Largest element along an axis, or of all. */
  max = (axis?: number, keepDims = false): CrypTensor => extremes.extreme(this, 'max', axis, keepDims);
  min = (axis?: number, keepDims = false): CrypTensor => extremes.extreme(this, 'min', axis, keepDims);
  /** Index of the largest element along an axis, or in the flattened tensor; of equal ones the lowest. */
  argmax = (axis?: number, keepDims = false): CrypTensor => extremes.argExtreme(this, 'max', axis, keepDims);
  argmin = (axis?: number, keepDims = false): CrypTensor => extremes.argExtreme(this, 'min', axis, keepDims);

  /** Each comparison is a tensor of zeros and ones. */
  lt = (y: Operand): CrypTensor => comparison.lt(this, y);
  le = (y: Operand): CrypTensor => comparison.le(this, y);
  gt = (y: Operand): CrypTensor => comparison.gt(this, y);
  ge = (y: Operand): CrypTensor => comparison.ge(this, y);
  eq = (y: Operand): CrypTensor => comparison.eq(this, y);
  ne = (y: Operand): CrypTensor => comparison.ne(this, y);
  /** Where this tensor of zeros and ones is 1: x, else y. */
  where = (x: Operand, y: Operand): CrypTensor => comparison.where(this, x, y);

  avgPool2d = (options: pooling.AveragePoolOptions): CrypTensor => pooling.averagePool2d(this, options);
  maxPool2d = (options: maxPooling.MaxPoolOptions): CrypTensor => maxPooling.maxPool2d(this, options);

  reshape = (shape: readonly number[]): CrypTensor => views.reshape(this, shape);
  flatten = (startAxis = 0): CrypTensor => views.flatten(this, startAxis);
  transpose = (permutation?: readonly number[]): CrypTensor => views.transpose(this, permutation);
  slice = (starts: readonly number[], ends: readonly number[], steps?: readonly number[]): CrypTensor =>
    views.slice(this, starts, ends, steps);
  unsqueeze = (axis: number): CrypTensor => views.unsqueeze(this, axis);
  squeeze = (axis?: number): CrypTensor => views.squeeze(this, axis);
  expand = (shape: readonly number[]): CrypTensor => views.expand(this, shape);
  /** pads: [before of each axis..., after of each axis...]. */
  pad = (pads: readonly number[], value = 0): CrypTensor => views.pad(this, pads, value);

  /** Tells the value to every party: one round. Resolves to a float32 tensor. */
  async getPlainText(): Promise<Tensor> {
    const plain = await this.#revealed(undefined);
    if (!plain) throw new Error('a value revealed to all was not received');
    return toTensor(plain);
  }

  /** Tells the value to party `to` only (to all without it); resolves to undefined at the others. */
  async reveal(options: { to?: number } = {}): Promise<Tensor | undefined> {
    const plain = await this.#revealed(options.to);
    return plain && toTensor(plain);
  }

  /** As reveal, in double precision. */
  async revealFloat64(options: { to?: number } = {}): Promise<Plain | undefined> {
    return this.#revealed(options.to);
  }

  // Issued before the first await, so that its place in the program is where it is written.
  #revealed(to: number | undefined): Promise<Plain | undefined> {
    const { session, shape } = this;
    const { fractionBits } = session.config;
    // One bit more is told as it is: a product with an integer has it, and rounding it away would take a round.
    const drop = this.scale - fractionBits <= 1 ? 0 : this.scale - fractionBits;
    const decoded = (words: Words | undefined, scale: number): Plain | undefined =>
      words && { shape, data: session.ring.decode(words, scale) };
    if (drop > 0 && !this.#truncated && roundsOnTheWay(session, to))
      return revealRounded(session, this.share, to, drop, fractionBits).then((words) =>
        decoded(words, fractionBits),
      );
    const x = this.workingPrecision(1);
    return reveal(session, x.share, to, x.scale).then((words) => decoded(words, x.scale));
  }

  /** Frees the words after the last operation that uses them. Any later use is an error. */
  dispose(): void {
    this.#truncated?.dispose();
    this.source.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError(
      'a CrypTensor has no value here: write x.lt(y), x.add(y), ... instead of operators, where(...) instead of if, and getPlainText() to reveal',
    );
  }
}

/** Whether a value is a CrypTensor. */
export const isEncryptedTensor = (x: unknown): x is CrypTensor => x instanceof CrypTensor;

async function toTensor({ shape, data }: Plain): Promise<Tensor> {
  const { Tensor } = await import('onnxruntime-common');
  return new Tensor('float32', Float32Array.from(data), shape);
}
