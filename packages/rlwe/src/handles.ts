// Handles to what lives in the memory of the kernels. They are freed by `Evaluator.free` or the end of a scope.
import type { Core } from './core.js';

/** What all handles have in common. */
export abstract class Handle {
  /** @internal */
  readonly core: Core;
  #freed = false;

  /** @internal */
  constructor(core: Core) {
    this.core = core;
  }

  /** Whether the handle was freed; nothing can be done with it then. */
  get freed(): boolean {
    return this.#freed;
  }

  /** Gives the memory back, once. @internal */
  release(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.giveBack();
  }

  protected abstract giveBack(): void;
}

/**
 * A ciphertext: two polynomials, or three after a product. `level` is the number of data primes that it still has; at
 * level 1 it cannot be rescaled any more. Decryption gives `scale` times the values of the slots.
 */
export class Ciphertext extends Handle {
  /** Addresses of rows: [polynomial][prime]. @internal */
  readonly polynomials: readonly (readonly number[])[];
  readonly level: number;
  /** May be set where a scale is known better than the bookkeeping has it. */
  scale: number;

  /** @internal */
  constructor(core: Core, size: number, level: number, scale: number) {
    super(core);
    const rows = core.memory.takeRows(size * level);
    const polynomials: number[][] = [];
    for (let i = 0; i < size; i++) polynomials.push(rows.slice(i * level, (i + 1) * level));
    this.polynomials = polynomials;
    this.level = level;
    this.scale = scale;
    core.adopt(this);
  }

  /** Number of polynomials, 2 or 3. */
  get size(): number {
    return this.polynomials.length;
  }

  /** Bytes of memory that it takes. */
  get bytes(): number {
    return this.size * this.level * this.core.n * 4;
  }

  protected override giveBack(): void {
    for (const rows of this.polynomials) this.core.memory.giveRows(rows);
  }
}

/** An encoded plaintext, one polynomial. */
export class Plaintext extends Handle {
  /** Addresses of rows, one a prime. @internal */
  readonly rows: readonly number[];
  readonly level: number;
  readonly scale: number;

  /** @internal */
  constructor(core: Core, level: number, scale: number) {
    super(core);
    this.rows = core.memory.takeRows(level);
    this.level = level;
    this.scale = scale;
    core.adopt(this);
  }

  protected override giveBack(): void {
    this.core.memory.giveRows(this.rows);
  }
}
