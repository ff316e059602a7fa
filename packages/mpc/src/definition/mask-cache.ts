/**
 * Expanded masks of operands that come back, such as the weights of a served model: kept from their second use on, so
 * that the dealer does not expand a whole model for every inference. What was used longest ago goes first.
 */
import type { Words } from '@tacit/ring';
import type { MaskRef } from '../runtime/mask-ref.js';
import { opKey } from '../runtime/prg.js';

/** Masks of which one use is remembered. */
const REMEMBERED = 4096;

export class MaskCache {
  readonly #kept = new Map<string, Words>();
  readonly #words = new WeakSet<Words>();
  readonly #usedOnce = new Set<string>();
  #bytes = 0;

  constructor(readonly maxBytes = 64 * 2 ** 20) {}

  /** The mask, if it is kept. */
  get(ref: MaskRef, weights?: readonly bigint[]): Words | undefined {
    const key = keyOf(ref, weights);
    const words = this.#kept.get(key);
    if (words) {
      this.#kept.delete(key);
      this.#kept.set(key, words); // most recently used last
    }
    return words;
  }

  /** Keeps an expanded mask if it was asked for before. */
  offer(ref: MaskRef, words: Words, weights?: readonly bigint[]): void {
    const key = keyOf(ref, weights);
    if (!this.#usedOnce.has(key)) {
      if (this.#usedOnce.size >= REMEMBERED) this.#usedOnce.clear();
      this.#usedOnce.add(key);
      return;
    }
    if (words.byteLength > this.maxBytes) return;
    this.#kept.set(key, words);
    this.#words.add(words);
    this.#bytes += words.byteLength;
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.maxBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= old.byteLength;
    }
  }

  /** Whether these words are, or were, kept: then they are not to be overwritten. */
  holds(words: Words): boolean {
    return this.#words.has(words);
  }
}

/** Views are applied to what is kept; the mask itself is named by its operation, size, holders and their weights. */
const keyOf = (ref: MaskRef, weights: readonly bigint[] | undefined): string =>
  `${opKey(ref.id)}/${ref.n}/${ref.holders}/${weights ?? ''}`;
