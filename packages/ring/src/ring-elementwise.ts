// The elementwise operations of a Ring. `out` may be one of the inputs; it must not overlap one partly.
import { type Core, checkInteger } from './core.js';
import type { Words } from './words.js';

/** A word of the result comes of the words at its place in the operands, which are as long. */
export abstract class ElementwiseRing {
  protected readonly core: Core;

  protected constructor(core: Core) {
    this.core = core;
  }

  /**
   * out = a + b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  add(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('add', [out, a, b], 'write', (p, n) => kernels.add(p[0], p[1], p[2], n));
  }

  /**
   * out = a - b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  sub(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('sub', [out, a, b], 'write', (p, n) => kernels.sub(p[0], p[1], p[2], n));
  }

  /**
   * out = a * b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  mul(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('mul', [out, a, b], 'write', (p, n) => kernels.mul(p[0], p[1], p[2], n));
  }

  /**
   * out = a ^ b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  xor(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('xor', [out, a, b], 'write', (p, n) => kernels.xor(p[0], p[1], p[2], n));
  }

  /**
   * out = a & b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  and(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('and', [out, a, b], 'write', (p, n) => kernels.and(p[0], p[1], p[2], n));
  }

  /**
   * out = a | b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  or(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('or', [out, a, b], 'write', (p, n) => kernels.or(p[0], p[1], p[2], n));
  }

  /**
   * acc = acc + a
   * @param acc array that is added to
   * @param a what is added
   */
  addInto(acc: Words, a: Words): void {
    const { kernels } = this.core;
    this.core.stream('addInto', [acc, a], 'update', (p, n) => kernels.add(p[0], p[0], p[1], n));
  }

  /**
   * out = -a
   * @param out array for the result
   * @param a operand
   */
  neg(out: Words, a: Words): void {
    this.subFromScalar(out, a, 0n);
  }

  /**
   * out = ~a
   * @param out array for the result
   * @param a operand
   */
  not(out: Words, a: Words): void {
    const { kernels } = this.core;
    this.core.stream('not', [out, a], 'write', (p, n) => kernels.xorScalar(p[0], p[1], n, -1n));
  }

  /**
   * out = a + s
   * @param out array for the result
   * @param a operand
   * @param s scalar, taken modulo 2^64
   */
  addScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.core;
    this.core.stream('addScalar', [out, a], 'write', (p, n) => kernels.addScalar(p[0], p[1], n, s));
  }

  /**
   * out = a - s
   * @param out array for the result
   * @param a operand
   * @param s scalar, taken modulo 2^64
   */
  subScalar(out: Words, a: Words, s: bigint): void {
    this.addScalar(out, a, -s);
  }

  /**
   * out = s - a
   * @param out array for the result
   * @param a operand
   * @param s scalar, taken modulo 2^64
   */
  subFromScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.core;
    this.core.stream('subFromScalar', [out, a], 'write', (p, n) => kernels.subFromScalar(p[0], p[1], n, s));
  }

  /**
   * out = a * s
   * @param out array for the result
   * @param a operand
   * @param s scalar, taken modulo 2^64
   */
  mulScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.core;
    this.core.stream('mulScalar', [out, a], 'write', (p, n) => kernels.mulScalar(p[0], p[1], n, s));
  }

  /**
   * out = a << k, 0 <= k < 64
   * @param out array for the result
   * @param a operand
   * @param k how many bits to shift by
   */
  shl(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.core;
    this.core.stream('shl', [out, a], 'write', (p, n) => kernels.shl(p[0], p[1], n, k));
  }

  /**
   * out = a >> k, filling with zeros, 0 <= k < 64
   * @param out array for the result
   * @param a operand
   * @param k how many bits to shift by
   */
  shrU(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.core;
    this.core.stream('shrU', [out, a], 'write', (p, n) => kernels.shrU(p[0], p[1], n, k));
  }

  /**
   * out = a >> k, filling with the sign, 0 <= k < 64
   * @param out array for the result
   * @param a operand
   * @param k how many bits to shift by
   */
  shrS(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.core;
    this.core.stream('shrS', [out, a], 'write', (p, n) => kernels.shrS(p[0], p[1], n, k));
  }

  /**
   * out = a mod 2^bits, 0 <= bits <= 64
   * @param out array for the result
   * @param a operand
   * @param bits how many low bits count, 0 to 64
   */
  maskLow(out: Words, a: Words, bits: number): void {
    checkInteger('bits', bits, 0, 64);
    const { kernels } = this.core;
    const mask = BigInt.asIntN(64, (1n << BigInt(bits)) - 1n);
    this.core.stream('maskLow', [out, a], 'write', (p, n) => kernels.andScalar(p[0], p[1], n, mask));
  }

  /**
   * out = s everywhere, modulo 2^64
   * @param out array for the result
   * @param s scalar, taken modulo 2^64
   */
  fill(out: Words, s: bigint): void {
    out.fill(BigInt.asUintN(64, s));
  }

  /**
   * out = a * b + c
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   * @param c third operand
   */
  mulAdd(out: Words, a: Words, b: Words, c: Words): void {
    const { kernels } = this.core;
    this.core.stream('mulAdd', [out, a, b, c], 'write', (p, n) => kernels.mulAdd(p[0], p[1], p[2], p[3], n));
  }

  /**
   * out = a + t * b. Fastest for t = 1, -1 and 2.
   * @param out array for the result
   * @param a first operand
   * @param t scalar factor of b; fastest for 1, -1 and 2
   * @param b second operand
   */
  addScaled(out: Words, a: Words, t: bigint, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('addScaled', [out, a, b], 'write', (p, n) => kernels.addScaled(p[0], p[1], p[2], n, t));
  }

  /**
   * out = k * a * b + c
   * @param out array for the result
   * @param k scalar factor of the product
   * @param a first operand
   * @param b second operand
   * @param c third operand
   */
  scaledMulAdd(out: Words, k: bigint, a: Words, b: Words, c: Words): void {
    const { kernels } = this.core;
    this.core.stream('scaledMulAdd', [out, a, b, c], 'write', (p, n) =>
      kernels.scaledMulAdd(p[0], p[1], p[2], p[3], n, k),
    );
  }

  /**
   * out = a - b modulo 2^32 in each half of the words
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  subHalves(out: Words, a: Words, b: Words): void {
    const { kernels } = this.core;
    this.core.stream('subHalves', [out, a, b], 'write', (p, n) => kernels.subHalves(p[0], p[1], p[2], n));
  }
}
