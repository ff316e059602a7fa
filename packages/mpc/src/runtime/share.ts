/**
 * A party's handle to its share of a secret tensor mod 2^64: shape known at once, words pending.
 *
 * Words are released to the pool when the handle and all its views are disposed and no operation waits for them;
 * without dispose() the garbage collector frees them.
 */
import { sizeOf, type Words, type WordsPool } from '@tacit/ring';
import { DisposedError, ShapeError } from './errors.js';
import type { MaskRef, StridedView } from './mask-ref.js';
import type { OpId } from './prg.js';
import type { IssuedOp } from './transcript.js';
import type { Underway } from './underway.js';

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
  /** @throws DisposedError after the last release: the words may belong to somebody else by now */
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

/**
 * Forms of a value that were made once and are used again: opened under a mask, truncated. They belong to the value, not
 * to a handle: all handles to the same words (reshapes) share them, each sees them in its own shape. A view of the value
 * is a value of its own, but remembers where it comes from: linear operations commute with views, so the masked form of
 * what it is a view of serves it, too.
 */
export class ValueForms {
  /** Opened to all under a mask that all parties made. */
  all: Masked | undefined;
  /** Sent to the owner of a plaintext operand, by the owner's rank. */
  readonly toward = new Map<number, Masked>();
  /** Truncations, by the bits that are dropped and the window. */
  readonly truncated = new Map<string, Share>();
  #handles = 1;

  /** @param origin of what other value this one is a view, if of any */
  constructor(readonly origin?: { readonly forms: ValueForms; readonly view: StridedView }) {}

  /** One more handle to the value. */
  hold(): void {
    this.#handles++;
  }

  /**
   * One handle less. Without handles there are no forms: whether a view finds a masked form of its origin depends on what
   * the program disposed of, which is the same at all parties, and not on how long operations take.
   */
  release(): void {
    if (--this.#handles > 0) return;
    for (const share of this.truncated.values()) share.dispose();
    this.truncated.clear();
    this.toward.clear();
    this.all = undefined;
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

  /** The same words under another shape. Shares all forms of the value. @throws ShapeError where the sizes differ */
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
