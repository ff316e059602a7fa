/** Counts who still needs a value, and frees it when nobody does. */
import type { Backend } from '../backend/backend.js';

export class Holders<T> {
  readonly #counts = new Map<T, number>();

  constructor(readonly backend: Pick<Backend<T>, 'dispose'>) {}

  /** Somebody needs the value. */
  take(value: T): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  /** The value is never freed: it was given, or is given back. */
  keep(value: T): void {
    this.#counts.set(value, Infinity);
  }

  /** One who needed the value does no longer. */
  release(value: T): void {
    const left = (this.#counts.get(value) ?? 1) - 1;
    if (left > 0) this.#counts.set(value, left);
    else {
      this.#counts.delete(value);
      this.backend.dispose?.(value);
    }
  }
}
