/**
 * A product that has not been issued yet. What follows decides how: a ReLU or a sum takes it as it is, anything that
 * needs working precision takes it truncated, and then product and truncation share one round. The choice follows from
 * the program alone, so all parties make the same one.
 */
import type { Masked, Session, Share, Truncation } from '@tacit/mpc';

export class Product {
  #raw: Share | undefined;
  #truncated: Share | undefined;
  #bits = 0;
  #disposed = false;

  constructor(
    readonly shape: readonly number[],
    readonly operands: readonly Masked[],
    readonly issue: (truncate?: Truncation) => Share,
  ) {
    // The operands must outlive their own tensors until it is known how they are used.
    for (const operand of operands) operand.lifetime.hold();
  }

  /** The product at the sum of the operands' scales. */
  raw(): Share {
    this.#raw ??= this.issue();
    return this.#raw;
  }

  /** The product less `bits` fraction bits, in one round. */
  truncated(session: Session, bits: number, fallback: (raw: Share) => Share): Share {
    if (this.#truncated && this.#bits === bits) return this.#truncated;
    const { truncation, window } = session.config;
    // Where the product was issued already, only its truncation is missing.
    const share =
      this.#raw || truncation === 'exact' ? fallback(this.raw()) : this.issue({ f: bits, l: window });
    this.#truncated = share;
    this.#bits = bits;
    return share;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#raw?.dispose();
    for (const operand of this.operands) operand.lifetime.release();
  }
}
