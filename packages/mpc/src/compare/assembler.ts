/** Writes straight-line bit-plane code for the ring's bit-program kernel. Operands are plane indices. */
import { type BitProgram, PlaneOp, type Ring } from '@tacit/ring';

export class PlaneAssembler {
  readonly #code: number[][] = [];

  /** d = a ^ b */
  xor(d: number, a: number, b: number): void {
    this.#code.push([PlaneOp.XOR, d, a, b, 0]);
  }
  /** d = a ^ b ^ c */
  xor3(d: number, a: number, b: number, c: number): void {
    this.#code.push([PlaneOp.XOR3, d, a, b, c]);
  }
  /** d = a & b */
  and(d: number, a: number, b: number): void {
    this.#code.push([PlaneOp.AND, d, a, b, 0]);
  }
  /** d = (a & b) ^ c */
  andXor(d: number, a: number, b: number, c: number): void {
    this.#code.push([PlaneOp.ANDX, d, a, b, c]);
  }
  /** d = a */
  copy(d: number, a: number): void {
    this.#code.push([PlaneOp.COPY, d, a, 0, 0]);
  }

  assemble(ring: Ring, planes: number): BitProgram {
    return ring.compileBitProgram(this.#code, planes);
  }
}
