/**
 * A sum of values at different scales: what a product with a constant of several terms is. All terms are truncated to the
 * same scale in the same round.
 */
import type { Engine, Secret } from '@tacit/mpc';
import type { Lazy } from './lazy.js';

export interface Term {
  readonly value: Lazy | Secret;
  readonly scale: number;
}

const isLazy = (value: Lazy | Secret): value is Lazy => 'raw' in value;

export class SumOfTerms implements Lazy {
  #raw: Secret | undefined;
  readonly #truncated = new Map<number, Secret>();
  #handles = 1;

  /** @param terms by rising scale, which is their own from here on; the sum has the scale of the first */
  constructor(
    readonly engine: Engine,
    readonly terms: readonly Term[],
  ) {}

  get shape(): readonly number[] {
    return this.terms[0].value.shape;
  }

  get depth(): number {
    return this.#raw?.depth ?? Math.max(...this.terms.map(({ value }) => value.depth));
  }

  raw(): Secret {
    this.#raw ??= this.#sum(this.terms[0].scale);
    return this.#raw;
  }

  truncated(bits: number): Secret {
    let known = this.#truncated.get(bits);
    if (!known) {
      known = this.#sum(this.terms[0].scale - bits);
      this.#truncated.set(bits, known);
    }
    return known.reshaped(this.shape);
  }

  #sum(scale: number): Secret {
    const { engine } = this;
    const parts = this.terms.map(({ value, scale: own }) => {
      if (own === scale)
        return isLazy(value) ? value.raw().reshaped(value.shape) : value.reshaped(value.shape);
      return isLazy(value) ? value.truncated(own - scale) : engine.truncate(value, own - scale);
    });
    return parts.reduce((sum, part) => {
      const next = engine.add(sum, part);
      sum.dispose();
      part.dispose();
      return next;
    });
  }

  held(): this {
    this.#handles++;
    return this;
  }

  dispose(): void {
    if (--this.#handles > 0) return;
    for (const { value } of this.terms) value.dispose();
    this.#raw?.dispose();
    for (const share of this.#truncated.values()) share.dispose();
  }
}
