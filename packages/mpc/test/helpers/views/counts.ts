/** Frequencies of symbols, and of pairs of them, by what is counted. */
import type { Column } from './columns.js';

/** Which elements are paired: those from `a` on of one column with those from `b` on of the other. */
interface Pairing {
  readonly a?: number;
  readonly b?: number;
  readonly step?: number;
  readonly count?: number;
}

export class Counts {
  readonly all = new Map<string, Uint32Array>();

  #bins(what: string, bits: number): Uint32Array {
    const known = this.all.get(what);
    if (known) return known;
    const bins = new Uint32Array(1 << bits);
    this.all.set(what, bins);
    return bins;
  }

  /** Counts the symbols of a column. */
  one(what: string, { bits, symbols }: Column): void {
    const bins = this.#bins(what, bits);
    for (const symbol of symbols) bins[symbol]++;
  }

  /** Counts pairs of symbols: of the same element, unless said otherwise. */
  two(what: string, x: Column, y: Column, { a = 0, b = 0, step = 1, count }: Pairing = {}): void {
    const bins = this.#bins(what, x.bits + y.bits);
    const pairs = count ?? Math.min(x.symbols.length, y.symbols.length);
    for (let i = 0; i < pairs; i++) bins[(x.symbols[a + i * step] << y.bits) | y.symbols[b + i * step]]++;
  }

  /** Counts runs of `length` bits. */
  runs(what: string, { symbols }: Column, length: number): void {
    const bins = this.#bins(what, length);
    for (let i = 0; i + length <= symbols.length; i += length) {
      let run = 0;
      for (let j = 0; j < length; j++) run |= symbols[i + j] << j;
      bins[run]++;
    }
  }
}
