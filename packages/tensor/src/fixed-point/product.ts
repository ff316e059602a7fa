/**
 * A product of prepared operands. Raw, it costs no round; truncated, product and truncation share one. The other form,
 * should it be needed later, comes from the first.
 */
import { DisposedError, type Engine, type Prepared, type Secret } from '@tacit/mpc';
import type { Lazy } from './lazy.js';

export class Product implements Lazy {
  #raw: Secret | undefined;
  #truncated: Secret | undefined;
  #bits = 0;
  #holding = true;
  #handles = 1;

  /** @param issue makes the product, with that many bits dropped */
  constructor(
    readonly engine: Engine,
    readonly shape: readonly number[],
    readonly operands: readonly Prepared[],
    readonly issue: (bits?: number) => Secret,
  ) {
    // The operands must outlive their own tensors until it is known how they are used.
    for (const operand of operands) operand.lifetime.hold();
  }

  get depth(): number {
    const issued = this.#raw ?? this.#truncated;
    return issued?.depth ?? Math.max(...this.operands.map(({ depth }) => depth));
  }

  raw(): Secret {
    this.#raw ??= this.#truncated
      ? this.engine.mulScalar(this.#truncated, 1n << BigInt(this.#bits))
      : this.#issueOnce(undefined);
    return this.#raw;
  }

  truncated(bits: number): Secret {
    if (this.#truncated && this.#bits === bits) return this.#truncated.reshaped(this.shape);
    if (this.#raw || this.#truncated || this.engine.config.truncation === 'exact')
      return this.engine.truncate(this.raw(), bits);
    this.#bits = bits;
    this.#truncated = this.#issueOnce(bits);
    return this.#truncated.reshaped(this.shape);
  }

  #issueOnce(bits: number | undefined): Secret {
    // Its operands' words may belong to others by now.
    if (this.#handles === 0) throw new DisposedError('a product');
    const share = this.issue(bits);
    this.#release();
    return share;
  }

  #release(): void {
    if (!this.#holding) return;
    this.#holding = false;
    for (const operand of this.operands) operand.lifetime.release();
  }

  held(): this {
    this.#handles++;
    return this;
  }

  dispose(): void {
    if (--this.#handles > 0) return;
    this.#release();
    this.#raw?.dispose();
    this.#truncated?.dispose();
  }
}
