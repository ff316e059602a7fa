/**
 * A party's handle to its share of a secret tensor mod 2^64: shape known at once, words pending.
 *
 * Words are released to the pool when the handle and all its views are disposed and no operation waits for them;
 * without dispose() the garbage collector frees them.
 */
import { sizeOf, type Words, type WordsPool } from '@tacit/ring';
import { DisposedError, ShapeError } from './errors.js';
import type { MaskRef } from './mask-ref.js';
import type { OpId } from './prg.js';
import type { IssuedOp } from './transcript.js';
import type { Underway } from './underway.js';
import { ValueForms } from './value-forms.js';

/** A tensor opened under a mask, once; every product reuses it. What a party keeps is its factor in these products. */
export interface Masked {
  readonly ref: MaskRef;
  /** Of the operation that made the mask, as in Share. */
  readonly stamp: string;
  readonly shape: readonly number[];
  readonly depth: number;
  readonly value: Promise<Words>;
  readonly lifetime: Lifetime;
  /** The factor chunk by chunk, if it is made so. */
  readonly underway?: Promise<Underway>;
}

/** Counts who still needs a buffer. */
export class Lifetime {
  #holders = 1;
  readonly #cleanups: (() => void)[] = [];
  /** Throws a DisposedError after the last release: the words may belong to somebody else by now. */
  hold(): void {
    if (this.#holders <= 0) throw new DisposedError('a tensor');
    this.#holders++;
  }
  /** Runs when the last holder lets go. */
  onEnd(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }
  release(): void {
    if (--this.#holders === 0) for (const cleanup of this.#cleanups) cleanup();
  }
}

export class Share {
  #disposed = false;

  constructor(
    /** The operation that made it. */
    readonly id: OpId,
    /** Hash of the program of its scope, up to that operation. */
    readonly stamp: string,
    readonly label: string,
    readonly shape: readonly number[],
    readonly value: Promise<Words>,
    /** Openings on the longest chain that leads here: rounds. Known when the operation is issued. */
    readonly depth: number,
    readonly lifetime: Lifetime,
    /** What was made of the value once, common to all handles to it. */
    readonly forms = new ValueForms(),
    /** The words chunk by chunk, if they are made so. */
    readonly underway?: Promise<Underway>,
  ) {
    value.catch(() => {}); // reported where the handle is awaited
  }

  /** A handle whose words go back to `pool` after the last use. */
  static pooled(
    { id, hash }: IssuedOp,
    label: string,
    shape: readonly number[],
    value: Promise<Words>,
    depth: number,
    pool: WordsPool,
    underway?: Promise<Underway>,
    forms?: ValueForms,
  ): Share {
    const lifetime = new Lifetime();
    lifetime.onEnd(() => {
      value.then(
        (words) => pool.give(words),
        () => {},
      );
    });
    return new Share(id, hash, label, shape, value, depth, lifetime, forms, underway);
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** The same words under another shape. Shares all forms of the value. Throws a ShapeError where the size is another. */
  reshaped(shape: readonly number[]): Share {
    this.assertUsable();
    if (sizeOf(shape) !== this.size)
      throw new ShapeError(`[${this.shape}] cannot have the shape [${shape}]: the sizes differ`);
    this.lifetime.hold();
    this.forms.hold();
    return new Share(
      this.id,
      this.stamp,
      this.label,
      shape,
      this.value,
      this.depth,
      this.lifetime,
      this.forms,
      this.underway,
    );
  }

  assertUsable(): void {
    if (this.#disposed) throw new DisposedError(`the result of ${this.label}`);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.forms.release();
    this.lifetime.release();
  }
}
