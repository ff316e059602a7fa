/** The part of the additive engine that computes bit by bit, on words that are shared by XOR. */
import { andBits } from '../../protocols/and-bits.js';
import * as bits from '../../protocols/bits-local.js';
import { fromBits } from '../../protocols/from-bits.js';
import { toBits } from '../../protocols/to-bits.js';
import type { Session } from '../../runtime/session.js';
import type { Share } from '../../runtime/share.js';
import { Binary } from '../binary.js';
import { checkSameShape, checkShift } from '../shapes.js';

export class AdditiveBits<S extends Session> {
  constructor(readonly session: S) {}

  /**
   * The bits of each element mod 2^64.
   * @param x numbers
   * @returns their bits
   */
  toBits(x: Share): Binary<Share> {
    return new Binary(toBits(this.session, x));
  }

  /**
   * The numbers that have these bits.
   * @param b bits
   * @returns the numbers mod 2^64
   */
  fromBits(b: Binary<Share>): Share {
    return fromBits(this.session, b.words);
  }

  /**
   * x & y, bit by bit.
   * @param x bits
   * @param y bits of the same shape
   * @returns where both have a one
   */
  andBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('andBits', x.shape, y.shape);
    return new Binary(andBits(this.session, x.words, y.words));
  }

  /**
   * x | y, bit by bit, as x ^ y ^ x & y.
   * @param x bits
   * @param y bits of the same shape
   * @returns where one or both have a one
   */
  orBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('orBits', x.shape, y.shape);
    const both = this.andBits(x, y);
    const one = this.xorBits(x, y);
    const result = this.xorBits(one, both);
    both.dispose();
    one.dispose();
    return result;
  }

  /**
   * x ^ y, bit by bit.
   * @param x bits
   * @param y bits of the same shape
   * @returns where they differ
   */
  xorBits(x: Binary<Share>, y: Binary<Share>): Binary<Share> {
    checkSameShape('xorBits', x.shape, y.shape);
    return new Binary(bits.xorBits(this.session, x.words, y.words));
  }

  /**
   * ~x.
   * @param x bits
   * @returns every bit flipped
   */
  notBits(x: Binary<Share>): Binary<Share> {
    return new Binary(bits.notBits(this.session, x.words));
  }

  /**
   * x << count.
   * @param x bits
   * @param count places, 0 to 63
   * @returns the bits moved up
   */
  shlBits(x: Binary<Share>, count: number): Binary<Share> {
    checkShift(count);
    return new Binary(bits.shiftBits(this.session, x.words, 'left', count));
  }

  /**
   * x >> count, with zeros from the left.
   * @param x bits
   * @param count places, 0 to 63
   * @returns the bits moved down
   */
  shrBits(x: Binary<Share>, count: number): Binary<Share> {
    checkShift(count);
    return new Binary(bits.shiftBits(this.session, x.words, 'right', count));
  }
}
