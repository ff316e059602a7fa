/**
 * What the tensors of one party share: its engine, its numbers, the backend that computes on them, and the scopes that
 * free what is made on the way. Two in one process never meet.
 */
import type { Backend } from '@tacit/graph';
import type { Engine } from '@tacit/mpc';
import { privateBackend, type ScopedContext } from './backend.js';
import { FixedPoint } from './fixed-point/fixed-point.js';
import { Precision } from './fixed-point/precision.js';
import type { PrivateValue } from './private-value.js';

/** A value that a scope frees. */
export interface Tracked {
  dispose(): void;
}

/** What the tensors of one party share. */
export class Context implements ScopedContext {
  readonly precision: Precision;
  readonly backend: Backend<PrivateValue>;
  /** Sees every operation when it has been issued; set by a twin. */
  observer: ScopedContext['observer'];
  readonly #scopes: Tracked[][] = [];

  /**
   * Numbers and backend for an engine.
   * @param engine one party's side of a computation
   */
  constructor(readonly engine: Engine) {
    this.precision = new Precision(engine);
    this.backend = privateBackend(this);
  }

  /**
   * Notes a new value in the innermost scope.
   * @param value value that was just made
   */
  track(value: Tracked): void {
    this.#scopes.at(-1)?.push(value);
  }

  /**
   * Runs f, which must not await, and disposes every value made in it but those that it returns, which belong to the
   * surrounding scope, if there is one. Only the order of creation counts, so nested scopes work.
   * @param f function, which must not await
   * @param kept which values a result holds
   * @returns the result of f
   * @throws what f throws, after everything made in it was freed
   */
  scope<T>(f: () => T, kept: (result: T) => Iterable<unknown>): T {
    const made: Tracked[] = [];
    this.#scopes.push(made);
    let result: T;
    let keep: Set<unknown>;
    try {
      result = f();
      keep = new Set(kept(result));
      for (const value of keep) if (value instanceof FixedPoint && value.rest) keep.add(value.rest);
    } catch (error) {
      this.#scopes.pop();
      for (const value of made) value.dispose();
      throw error;
    }
    this.#scopes.pop();
    for (const value of made)
      if (keep.has(value)) this.track(value);
      else value.dispose();
    return result;
  }

  /**
   * A new handle to the same value.
   * @param x value
   * @returns a handle that is disposed by itself
   */
  alias(x: FixedPoint): FixedPoint {
    return new FixedPoint(this, x.share.reshaped(x.shape), x.scale, x.magnitude);
  }
}
