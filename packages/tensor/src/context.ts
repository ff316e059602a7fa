/**
 * What the tensors of one party share: its engine, its numbers, the backend that computes on them, and the scopes that
 * free what is made on the way. Two in one process never meet.
 */
import type { Backend } from '@tacit/graph';
import type { Engine } from '@tacit/mpc';
import { recordingBackend } from './autograd/recording.js';
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
  /** Computes and notes what gradients flow back through. */
  readonly backend: Backend<PrivateValue>;
  /** Computes only. */
  readonly unrecorded: Backend<PrivateValue>;
  /** Sees every operation when it has been issued; set by a twin. */
  observer: ScopedContext['observer'];
  readonly #scopes: Tracked[][] = [];

  /**
   * Numbers and backend for an engine.
   * @param engine one party's side of a computation
   */
  constructor(readonly engine: Engine) {
    this.precision = new Precision(engine);
    this.unrecorded = privateBackend(this);
    this.backend = recordingBackend(this, this.unrecorded);
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
   * A new handle to the same value, with its history.
   * @param x value
   * @returns a handle that is disposed by itself
   */
  alias(x: FixedPoint): FixedPoint {
    const result = x.alias();
    x.history?.hold();
    result.history = x.history;
    return result;
  }

  /**
   * Runs f, which must not await; what it makes belongs to no scope and lives until it is disposed.
   * @param f function, which must not await
   * @returns the result of f
   */
  outsideScopes<T>(f: () => T): T {
    this.#scopes.push([]);
    try {
      return f();
    } finally {
      this.#scopes.pop();
    }
  }
}
