/** Writes straight-line bit-plane code for the ring's bit-program kernel. Operands are plane indices. */
import { type BitInstruction, BitOp, type BitProgram, type Ring } from '@tacit/ring';

export class PlaneAssembler {
  readonly #code: BitInstruction[] = [];

  /** d = a ^ b */
  xor(d: number, a: number, b: number): void {
    this.#code.push([BitOp.XOR, d, a, b, 0]);
  }
  /** d = a ^ b ^ c */
  xor3(d: number, a: number, b: number, c: number): void {
    this.#code.push([BitOp.XOR3, d, a, b, c]);
  }
  /** d = a & b */
  and(d: number, a: number, b: number): void {
    this.#code.push([BitOp.AND, d, a, b, 0]);
  }
  /** d = (a & b) ^ c */
  andXor(d: number, a: number, b: number, c: number): void {
    this.#code.push([BitOp.ANDX, d, a, b, c]);
  }
  /** d = a */
  copy(d: number, a: number): void {
    this.#code.push([BitOp.COPY, d, a, 0, 0]);
  }

  assemble(ring: Ring, planes: number): BitProgram {
    return ring.compileBitProgram(this.#code, planes);
  }
}
