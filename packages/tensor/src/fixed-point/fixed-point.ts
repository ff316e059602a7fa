/** A secret number, or tensor of such, in fixed point: a value with its scale, its bound, and its truncation to come. */

import { sizeOf } from '@tacit/graph';
import { DisposedError, type Engine, type Secret } from '@tacit/mpc';
import type { Lazy } from './lazy.js';
import type { Precision } from './precision.js';

/** What values share: their engine, the numbers that it computes on, and who frees what is made on the way. */
export interface ValueContext {
  readonly engine: Engine;
  readonly precision: Precision;
  /** Notes a new value. */
  track(value: FixedPoint): void;
  /** Runs f; what it makes belongs to no scope. */
  outsideScopes<T>(f: () => T): T;
}

/** Where a value comes from, as far as gradients go back through it. Released with the value. */
export interface History {
  hold(): void;
  release(): void;
}

/** A secret tensor in fixed point. */
export class FixedPoint {
  /** What is left of the value on a finer grid: of weights that one scale does not hold. The value is the sum of both. */
  rest: FixedPoint | undefined;
  /** Weights whose scale was chosen so that products with values at rest fit: as operands they are never truncated. */
  scaled = false;
  /** Where it comes from, where a gradient is wanted of that. */
  history: History | undefined;
  #narrowed = false;
  #disposed = false;

  /**
   * A value of a context, which it is noted in.
   * @param context what the tensors of one party share
   * @param source the secret, or a product that is not issued yet
   * @param scale fraction bits of the value as it is held now
   * @param magnitude |v| <= 2^magnitude, as far as that is public; precision.ts says what is promised otherwise
   */
  constructor(
    readonly context: ValueContext,
    readonly source: Secret | Lazy,
    readonly scale: number,
    readonly magnitude: number,
  ) {
    context.track(this);
  }

  get engine(): Engine {
    return this.context.engine;
  }
  get shape(): readonly number[] {
    return this.source.shape;
  }
  get size(): number {
    return sizeOf(this.shape);
  }
  get rank(): number {
    return this.shape.length;
  }
  get depth(): number {
    return this.source.depth;
  }

  /** The secret at this scale. A product is issued at its first use. */
  get share(): Secret {
    return 'raw' in this.#live ? this.#live.raw() : this.#live;
  }

  get #live(): Secret | Lazy {
    // A product may live on in other handles.
    if (this.#disposed) throw new DisposedError('a tensor');
    return this.source;
  }

  /**
   * With at most `fractionBits + spare` fraction bits: itself, or its truncation to `fractionBits`, made once. One round.
   * @param spare fraction bits beyond the session's that may stay
   * @returns the narrow value
   */
  narrow(spare = 0): FixedPoint {
    const { fractionBits } = this.context.precision;
    if (this.scale <= fractionBits + spare) return this;
    this.#narrowed = true;
    return this.atMost(fractionBits);
  }

  /**
   * With at most so many fraction bits: itself, or its truncation. One round.
   * @param scale fraction bits
   * @returns this value, or a narrower one
   */
  atMost(scale: number): FixedPoint {
    if (this.scale <= scale) return this;
    const bits = this.scale - scale;
    const source = this.#live;
    const share = 'raw' in source ? source.truncated(bits) : this.engine.truncate(source, bits);
    return new FixedPoint(this.context, share, scale, this.magnitude);
  }

  /**
   * The same value with more fraction bits. Local.
   * @param scale fraction bits, at least those of the value
   * @returns the value at that scale
   */
  atScale(scale: number): FixedPoint {
    if (this.scale === scale) return this;
    const factor = 1n << BigInt(scale - this.scale);
    return new FixedPoint(this.context, this.engine.mulScalar(this.share, factor), scale, this.magnitude);
  }

  /** With at least the session's fraction bits: bits, indices and their products have fewer. Local. */
  withFractions(): FixedPoint {
    const { fractionBits } = this.context.precision;
    return this.scale < fractionBits ? this.atScale(fractionBits) : this;
  }

  /**
   * This value, with what is left of it. Takes `rest` over.
   * @param rest what is left of the value, at a finer scale
   * @returns this value
   */
  withRest(rest: FixedPoint): this {
    this.rest = rest;
    return this;
  }

  /**
   * A view of the value; the rest is viewed likewise.
   * @param move a view of the secret
   * @returns the view, with the view of the rest
   */
  moved(move: (share: Secret) => Secret): FixedPoint {
    const result = this.with(move(this.share));
    result.scaled = this.scaled;
    return this.rest ? result.withRest(this.rest.moved(move)) : result;
  }

  /**
   * Another secret made from this one's, at its scale unless said otherwise.
   * @param share the other secret
   * @param options its scale and magnitude; by default those of this value
   * @returns the value
   */
  with(share: Secret | Lazy, { scale = this.scale, magnitude = this.magnitude } = {}): FixedPoint {
    return new FixedPoint(this.context, share, scale, magnitude);
  }

  /** One handle more to the same value, disposed by itself; a product that is not issued stays so. Without history. */
  alias(): FixedPoint {
    const source = this.#live;
    const result = this.with('raw' in source ? source.held() : source.reshaped(source.shape));
    result.scaled = this.scaled;
    result.#narrowed = this.#narrowed;
    return this.rest ? result.withRest(this.rest.alias()) : result;
  }

  /** An alias of the form in which products have taken the value so far: what was opened of it serves the next one, too. */
  asUsed(): FixedPoint {
    return this.#narrowed ? this.narrow() : this.alias();
  }

  /** Frees the secret, what is left of it, and where it comes from. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.rest?.dispose();
    this.source.dispose();
    this.history?.release();
  }
}

/** Two values at one scale. What does not fit at the larger one is truncated rather than the other widened. */
export function aligned(x: FixedPoint, y: FixedPoint): [FixedPoint, FixedPoint] {
  const { fits, fractionBits } = x.context.precision;
  const most = Math.max(x.scale, y.scale);
  const both = Math.max(x.magnitude, y.magnitude);
  if (most > fractionBits && x.scale !== y.scale && !fits(both, most)) return aligned(x.narrow(), y.narrow());
  return [x.atScale(most), y.atScale(most)];
}
