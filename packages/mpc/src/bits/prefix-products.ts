/**
 * Products of masked words with shifted copies of themselves: the step of a parallel-prefix circuit (Kogge and Stone,
 * IEEE Trans. Computers C-22, 1973, with four operands a node instead of two) on words that are shared by XOR.
 *
 * With P = dP ^ p opened under the mask p, every P << ks is opened, too: as dP << ks under p << ks. A product of several
 * such factors is expanded into products of opened words with products of masks, which the dealer knows and deals
 * (multi-input AND; Patra, Schneider, Suresh and Yalame, ABY2.0, USENIX Security 2021, section 3.1). Products of masks
 * that are shifts of one another are dealt once: of p << s & p << 3s the parties shift their shares of p & p << 2s.
 *
 * No message; see `prefixFields` for what is dealt.
 */
import type { Ring, Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import type { Block, Field, Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';

/** Operands of a node. */
export const ARITY = 4;

/** A product of masks: p << ks for each bit k of `p`, and g << gs unless `g` is 0. */
interface Term {
  readonly p: number;
  readonly g: number;
}

interface DealtTerm extends Term {
  readonly field: Field;
}

export interface PrefixFields {
  readonly terms: readonly DealtTerm[];
}

/**
 * What a step needs dealt, 8 bytes a product: 7 for products of P alone (`propagate`), 10 for sums of products of P with
 * G, 14 for both.
 */
export function prefixFields(layout: Layout, name: string, needs: { propagate: boolean; generate: boolean }) {
  const terms: DealtTerm[] = [];
  const add = (p: number, g: number) =>
    terms.push({ p, g, field: layout.bitWords(`${name}: P${p.toString(2)} G${g}`) });
  // Of all shifts of a product, the one that begins with P << 0.
  for (let p = 1; p < 1 << ARITY; p += 2) {
    if (p > 1 && (needs.propagate || p < 1 << (ARITY - 1))) add(p, 0);
    if (needs.generate) for (let g = 1; g < ARITY; g++) if (p < 1 << g) add(p, g);
  }
  return { terms } satisfies PrefixFields;
}

/** out = x << k; zero from 64 bits on. */
function shifted(ring: Ring, out: Words, x: Words, k: number): void {
  if (k < 64) ring.shl(out, x, k);
  else out.fill(0n);
}

/** Dealer half, one block: deals the products of the masks p and g. */
export function dealPrefix(
  op: DealerOp,
  { terms }: PrefixFields,
  step: number,
  block: Block,
  p: Words,
  g?: Words,
): void {
  const mark = op.scratch.mark();
  const product = op.scratch.words(block.length);
  const factor = op.scratch.words(block.length);
  for (const term of terms) {
    product.set(p);
    for (let k = 1; k < ARITY; k++)
      if (term.p & (1 << k)) {
        shifted(op.ring, factor, p, k * step);
        op.ring.and(product, product, factor);
      }
    if (term.g > 0 && g) {
      shifted(op.ring, factor, g, term.g * step);
      op.ring.and(product, product, factor);
    }
    op.deal(term.field, product, block);
  }
  op.scratch.release(mark);
}

/** Opened words and this party's share of their mask. */
export interface Opened {
  readonly delta: Words;
  readonly mask: Words;
}

/** Masks that are multiplied: those of P << ks for each bit k of `p`, and that of G << gs unless `g` is 0. */
type Chosen = Term;

/** Party half of one block of a step. What it takes of the scratch is the caller's to release. */
export class PrefixStep {
  /** By name and shift. */
  readonly #known = new Map<string, Words>();

  constructor(
    readonly op: PartyOp,
    readonly fields: PrefixFields,
    readonly step: number,
    readonly block: Block,
    p: Opened,
    g?: Opened,
  ) {
    this.#known.set('dP 0', p.delta).set('P1 G0 0', p.mask);
    if (g) this.#known.set('dG 0', g.delta).set('P0 G1 0', g.mask);
  }

  /** out = this party's share of P & P << s & ..., `count` factors, and with `g` of that and G << (count * s). */
  product(out: Words, count: number, g = false): void {
    const { scratch } = this.op;
    // What is remembered stays in scratch, so it is all there before the expansion marks a part of its own.
    for (let k = 0; k < count; k++) this.delta(k);
    if (g) this.#shifted('dG', count);
    for (let p = 0; p < 1 << count; p++) for (const end of g ? [0, count] : [0]) this.#masks({ p, g: end });
    const mark = scratch.mark();
    this.#expand(out, 0, count, g, { p: 0, g: 0 });
    scratch.release(mark);
  }

  /** The opened words of P << ks. */
  delta(k: number): Words {
    return this.#shifted('dP', k);
  }

  /** Product of the factors from number k on and of chosen masks: with v = d ^ m it is d w ^ m w, w what follows v. */
  #expand(out: Words, k: number, count: number, g: boolean, chosen: Chosen): void {
    const { ring, scratch } = this.op;
    if (k > count || (k === count && !g)) {
      out.set(this.#masks(chosen));
      return;
    }
    this.#expand(out, k + 1, count, g, chosen);
    ring.and(out, out, k === count ? this.#shifted('dG', k) : this.delta(k));
    const mark = scratch.mark();
    const other = scratch.words(out.length);
    const more = k === count ? { p: chosen.p, g: k } : { p: chosen.p | (1 << k), g: chosen.g };
    this.#expand(other, k + 1, count, g, more);
    ring.xor(out, out, other);
    scratch.release(mark);
  }

  /** This party's share of a product of masks; of none of them it is all ones at the first party. */
  #masks({ p, g }: Chosen): Words {
    if (p === 0 && g === 0)
      return this.#remembered('one', (out) => out.fill(this.op.first ? 0xffff_ffff_ffff_ffffn : 0n));
    // G alone has no shift 0 in a product of its own: its name is that of a shift by one, whose base is G itself.
    if (p === 0) return this.#shifted('P0 G1', g);
    const least = 31 - Math.clz32(p & -p);
    return this.#shifted(`P${p >> least} G${g === 0 ? 0 : g - least}`, least);
  }

  /** Named words, k steps to the left. */
  #shifted(name: string, k: number): Words {
    if (k === 0) return this.#remembered(`${name} 0`, (out) => this.#readTerm(name, out));
    const base = this.#shifted(name, 0);
    return this.#remembered(`${name} ${k}`, (out) => shifted(this.op.ring, out, base, k * this.step));
  }

  #readTerm(name: string, out: Words): void {
    const term = this.fields.terms.find(({ p, g }) => name === `P${p} G${g}`);
    if (!term) throw new Error(`the product ${name} is not dealt`);
    this.op.share(term.field, out, this.block);
  }

  #remembered(key: string, write: (out: Words) => void): Words {
    let words = this.#known.get(key);
    if (!words) {
      words = this.op.scratch.words(this.block.length);
      write(words);
      this.#known.set(key, words);
    }
    return words;
  }
}
