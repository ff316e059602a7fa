/**
 * BinaryTensor: a handle to a secret tensor of 64-bit words that are computed on bit by bit. It is made by
 * `x.to('binary')` and becomes numbers again by `toArithmetic()`; in between, words are what a fixed-point number v is held
 * as: v 2^f in two's complement, f being the session's fraction bits. Bitwise operations on whole numbers are those on
 * their words, but for `not`, which also flips the fraction bits: ~v is -v - 2^-f.
 *
 * Exclusive or, complement and shifts are local. And, or: one round, 16 bytes an element to each peer.
 */
import { ShapeError } from '@tacit/errors';
import type { BinarySecret } from '@tacit/mpc';
import { sameShape, signedWord } from '@tacit/ring';
import type { Context } from './context.js';
import { FixedPoint } from './fixed-point/fixed-point.js';

/** @typeParam T the tensors of numbers that these become: `CrypTensor` */
export class BinaryTensor<T> {
  /**
   * Made by `CrypTensor.to('binary')`.
   * @param context what the tensors of one party share
   * @param bits this party's handle in the protocols
   * @param tensorOf makes a tensor of numbers
   */
  constructor(
    readonly context: Context,
    readonly bits: BinarySecret,
    readonly tensorOf: (value: FixedPoint) => T,
  ) {
    context.track(this);
  }

  get shape(): readonly number[] {
    return this.bits.shape;
  }
  /** Number of elements. */
  get size(): number {
    return this.bits.size;
  }
  /** Rounds on the longest chain of messages that leads to this tensor. */
  get rounds(): number {
    return this.bits.depth;
  }

  /**
   * Where both have a one. One round.
   * @param y of the same shape
   * @returns x & y
   * @throws ShapeError where the shapes differ
   */
  and(y: BinaryTensor<T>): BinaryTensor<T> {
    return this.#made(this.context.engine.andBits(this.bits, this.#fitting('and', y)));
  }

  /**
   * Where one or both have a one. One round.
   * @param y of the same shape
   * @returns x | y
   * @throws ShapeError where the shapes differ
   */
  or(y: BinaryTensor<T>): BinaryTensor<T> {
    return this.#made(this.context.engine.orBits(this.bits, this.#fitting('or', y)));
  }

  /**
   * Where they differ. No round.
   * @param y of the same shape
   * @returns x ^ y
   * @throws ShapeError where the shapes differ
   */
  xor(y: BinaryTensor<T>): BinaryTensor<T> {
    return this.#made(this.context.engine.xorBits(this.bits, this.#fitting('xor', y)));
  }

  /**
   * Every bit flipped. No round.
   * @returns ~x
   */
  not(): BinaryTensor<T> {
    return this.#made(this.context.engine.notBits(this.bits));
  }

  /**
   * Bits moved up: times 2^bits mod 2^64. No round.
   * @param bits places, 0 to 63
   * @returns x << bits
   * @throws RangeError for other numbers of places
   */
  shl(bits: number): BinaryTensor<T> {
    return this.#made(this.context.engine.shlBits(this.bits, bits));
  }

  /**
   * Bits moved down, with zeros from above: the sign goes, too. No round.
   * @param bits places, 0 to 63
   * @returns x >> bits
   * @throws RangeError for other numbers of places
   */
  shr(bits: number): BinaryTensor<T> {
    return this.#made(this.context.engine.shrBits(this.bits, bits));
  }

  /**
   * The numbers that have these bits, at the session's fraction bits. One round, 8 bytes an element to each peer. It is up
   * to the program that they are in the range that is promised of every tensor (2^28 at 16 fraction bits).
   * @returns the tensor of numbers
   */
  toArithmetic(): T {
    const { engine, precision } = this.context;
    const share = engine.fromBits(this.bits);
    return this.tensorOf(new FixedPoint(this.context, share, precision.fractionBits, precision.range));
  }

  /**
   * What this party holds, for debugging: its share of each word, signed. Nothing is sent. In a suite of shares the words
   * are noise, and all parties' together, by exclusive or, are the bits; in the plain suite they are the bits.
   * @returns the words in row-major order
   * @throws the error that ended the computation, if one did
   * @example console.log(await x.to('binary').debugShares());
   */
  async debugShares(): Promise<bigint[]> {
    const words = await this.bits.value;
    return Array.from(words, (_, index) => signedWord(words, index));
  }

  /** Frees the words after the last operation that uses them. Any later use is an error. */
  dispose(): void {
    this.bits.dispose();
  }
  /** As `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #made(bits: BinarySecret): BinaryTensor<T> {
    return new BinaryTensor(this.context, bits, this.tensorOf);
  }

  #fitting(what: string, y: BinaryTensor<T>): BinarySecret {
    if (!sameShape(this.shape, y.shape))
      throw new ShapeError(`${what} takes binary tensors of one shape, got [${this.shape}] and [${y.shape}]`);
    return y.bits;
  }
}
