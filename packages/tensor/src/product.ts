/**
 * A product that has not been issued yet. What follows decides how: a ReLU or a sum takes it as it is, anything that
 * needs working precision takes it truncated, and then product and truncation share one round. The choice follows from
 * the program alone, so all parties make the same one. The other form, should it be needed later, comes from the first.
 */
import {
  DisposedError,
  type Masked,
  mulScalar,
  type Session,
  type Share,
  type Truncation,
  truncateOnce,
} from '@tacit/mpc';

export class Product {
  #raw: Share | undefined;
  #truncated: Share | undefined;
  #bits = 0;
  #holding = true;
  #disposed = false;

  constructor(
    readonly session: Session,
    readonly shape: readonly number[],
    readonly operands: readonly Masked[],
    readonly issue: (truncate?: Truncation) => Share,
  ) {
    // The operands must outlive their own tensors until it is known how they are used.
    for (const operand of operands) operand.lifetime.hold();
  }

  /** Rounds on the longest chain that leads here, as the product is now: asking issues nothing. */
  get depth(): number {
    const issued = this.#raw ?? this.#truncated;
    return issued?.depth ?? Math.max(...this.operands.map(({ depth }) => depth));
  }

  /** The product at the sum of the operands' scales. */
  raw(): Share {
    if (!this.#raw) {
      this.#raw = this.#truncated
        ? mulScalar(this.session, this.#truncated, 1n << BigInt(this.#bits))
        : this.#issueOnce(undefined);
    }
    return this.#raw;
  }

  /** The product less `bits` fraction bits: in its only round, if it was not issued before. */
  truncated(bits: number): Share {
    const { truncation, window } = this.session.config;
    if (this.#raw || this.#truncated || truncation === 'exact')
      return truncateOnce(this.session, this.raw(), bits);
    this.#bits = bits;
    this.#truncated = this.#issueOnce({ f: bits, l: window });
    return this.#truncated;
  }

  #issueOnce(truncation: Truncation | undefined): Share {
    // Its operands' words may belong to others by now.
    if (this.#disposed) throw new DisposedError('a product');
    const share = this.issue(truncation);
    this.#release();
    return share;
  }

  #release(): void {
    if (!this.#holding) return;
    this.#holding = false;
    for (const operand of this.operands) operand.lifetime.release();
  }

  dispose(): void {
    this.#disposed = true;
    this.#release();
    this.#raw?.dispose();
  }
}
