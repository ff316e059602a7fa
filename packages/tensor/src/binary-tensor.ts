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
import { sameShape } from '@tacit/ring';
import type { Context } from './context.js';
import { CrypTensor } from './cryptensor.js';
import { FixedPoint } from './fixed-point/fixed-point.js';

export class BinaryTensor {
  constructor(
    readonly context: Context,
    /** This party's handle in the protocols. */
    readonly bits: BinarySecret,
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

  /** Where both have a one. One round. @throws ShapeError where the shapes differ, as of `or` and `xor` */
  and(y: BinaryTensor): BinaryTensor {
    return this.#made(this.context.engine.andBits(this.bits, this.#fitting('and', y)));
  }

  /** Where one or both have a one. One round. */
  or(y: BinaryTensor): BinaryTensor {
    return this.#made(this.context.engine.orBits(this.bits, this.#fitting('or', y)));
  }

  /** Where they differ. No round. */
  xor(y: BinaryTensor): BinaryTensor {
    return this.#made(this.context.engine.xorBits(this.bits, this.#fitting('xor', y)));
  }

  /** Every bit flipped. No round. */
  not(): BinaryTensor {
    return this.#made(this.context.engine.notBits(this.bits));
  }

  /** Bits moved up by 0 to 63 places: times 2^bits mod 2^64. No round. @throws RangeError */
  shl(bits: number): BinaryTensor {
    return this.#made(this.context.engine.shlBits(this.bits, bits));
  }

  /** Bits moved down by 0 to 63 places, with zeros from above: the sign goes, too. No round. @throws RangeError */
  shr(bits: number): BinaryTensor {
    return this.#made(this.context.engine.shrBits(this.bits, bits));
  }

  /**
   * The numbers that have these bits, at the session's fraction bits. One round, 8 bytes an element to each peer. It is up
   * to the program that they are in the range that is promised of every tensor (2^28 at 16 fraction bits).
   */
  toArithmetic(): CrypTensor {
    const { engine, precision } = this.context;
    const share = engine.fromBits(this.bits);
    return new CrypTensor(new FixedPoint(this.context, share, precision.fractionBits, precision.range));
  }

  /** Frees the words after the last operation that uses them. Any later use is an error. */
  dispose(): void {
    this.bits.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #made(bits: BinarySecret): BinaryTensor {
    return new BinaryTensor(this.context, bits);
  }

  #fitting(what: string, y: BinaryTensor): BinarySecret {
    if (!sameShape(this.shape, y.shape))
      throw new ShapeError(`${what} takes binary tensors of one shape, got [${this.shape}] and [${y.shape}]`);
    return y.bits;
  }
}
