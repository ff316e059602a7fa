// What a Ring does for values that are opened under masks: the dealer's numbers of masks, and the combinations of opened
// values with shares of them. Formulas are in the files of the functions.
import { bitCombine, reluCombine, selectCombine, truncCombine, truncSteps } from './combine.js';
import { addSteps, floorSteps, maskedFloors, selectSteps } from './floors.js';
import { ElementwiseRing } from './ring-elementwise.js';
import { type SineTerm, sinePairs, sineSum } from './sines.js';
import type { Words } from './words.js';
import { bothBits, lowHalves, wrapCombine } from './wraps.js';

/** Truncations, bits, ReLUs and sines of masked values. */
export abstract class MaskedRing extends ElementwiseRing {
  /**
   * T_0 and T_1 of masks r: what the dealer knows of values truncated by f bits, see floors.ts. t1 may be r.
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param r masks
   * @param l window: bit length of the opened values
   * @param f fraction bits to truncate by
   */
  maskedFloors(t0: Words, t1: Words, r: Words, l: number, f: number): void {
    maskedFloors(this.core, t0, t1, r, l, f);
  }

  /**
   * plane = which shares are in the low half of their range, for truncation of two shares on their own (wraps.ts).
   * @param plane plane that receives a bit for each share
   * @param x this party's shares
   * @param first whether this is party 0, which adds the public part
   */
  lowHalves(plane: Words, x: Words, first: boolean): void {
    lowHalves(this.core, plane, x, first);
  }

  /**
   * out = 1 where the bits of both planes are, else 0: 32-bit numbers.
   * @param out array for the result
   * @param a plane of bits
   * @param b plane of bits
   * @param n number of bits
   */
  bothBits(out: Words, a: Words, b: Words, n: number): void {
    bothBits(this.core, out, a, b, n);
  }

  /**
   * out = this party's shares x truncated by f bits, given the public planes and its shares t of the masks' product.
   * @param out array for the result
   * @param x input words
   * @param t shares of the product of the bit masks
   * @param own plane of this party's masked bits
   * @param theirs plane of the other party's masked bits
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  wrapCombine(out: Words, x: Words, t: Words, own: Words, theirs: Words, f: number, first: boolean): void {
    wrapCombine(this.core, out, x, t, own, theirs, f, first);
  }

  /**
   * T_0, and the steps of 1 or -1 to T_1 as 32-bit numbers.
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param r masks
   * @param l window: bit length of the opened values
   * @param f fraction bits to truncate by
   */
  floorSteps(t0: Words, steps: Words, r: Words, l: number, f: number): void {
    floorSteps(this.core, t0, steps, r, l, f);
  }

  /**
   * out = t0 + steps * 2^shift
   * @param out array for the result
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param shift bits to shift by
   */
  addSteps(out: Words, t0: Words, steps: Words, shift: number): void {
    addSteps(this.core, out, t0, steps, shift);
  }

  /**
   * out = steps where the word of `bits` is 1, 0 where it is 0.
   * @param out array for the result
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param bits words of 0 or 1
   */
  selectSteps(out: Words, steps: Words, bits: Words): void {
    selectSteps(this.core, out, steps, bits);
  }

  /**
   * out = T_s + (first ? (c' >> f) - 2^(width-2-f) : 0), where c' = c mod 2^(width-1) and s is bit width-1 of c.
   * @param out array for the result
   * @param c opened masked values
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  truncCombine(out: Words, c: Words, t0: Words, t1: Words, width: number, f: number, first: boolean): void {
    truncCombine(this.core, out, c, t0, t1, width, f, first);
  }

  /**
   * The same with T_1 = T_0 + steps * 2^(width-1-f), two 32-bit steps a word.
   * @param out array for the result
   * @param c opened masked values
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  truncSteps(out: Words, c: Words, t0: Words, steps: Words, width: number, f: number, first: boolean): void {
    truncSteps(this.core, out, c, t0, steps, width, f, first);
  }

  /**
   * ReLU with truncation by f, from a plane of opened bits e, see combine.ts.
   * @param out array for the result
   * @param c opened masked values
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param bt0 shares of beta T_0
   * @param bt1 shares of beta T_1
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  reluCombine(
    out: Words,
    c: Words,
    e: Words,
    beta: Words,
    t0: Words,
    t1: Words,
    bt0: Words,
    bt1: Words,
    width: number,
    f: number,
    first: boolean,
  ): void {
    reluCombine(this.core, out, c, e, beta, t0, t1, bt0, bt1, width, f, first);
  }

  /**
   * e ? first - beta : beta, for a plane of opened bits e.
   * @param out array for the result
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param first whether this is party 0, which adds the public part
   */
  bitCombine(out: Words, e: Words, beta: Words, first: boolean): void {
    bitCombine(this.core, out, e, beta, first);
  }

  /**
   * V * [b] + (e ? a : 0) + (1 - 2e) * ba with [b] = bitCombine(e, beta), for a plane of opened bits e.
   * @param out array for the result
   * @param v public factors of the bit
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param a shares of what is selected
   * @param ba shares of beta times a
   * @param first whether this is party 0, which adds the public part
   */
  selectCombine(out: Words, v: Words, e: Words, beta: Words, a: Words, ba: Words, first: boolean): void {
    selectCombine(this.core, out, v, e, beta, a, ba, first);
  }

  /**
   * Shares of sum_k g_k sin(k (x - r)) mod 2^32, from shares of sinePairs(r): see sines.ts.
   * @param out array for the result
   * @param x input words
   * @param pairs shares of the masks' cosines and negated sines, one word a term
   * @param shift bits to shift by
   * @param terms frequencies and scales of the sines
   */
  sineSum(out: Words, x: Words, pairs: Words, shift: number, terms: readonly SineTerm[]): void {
    sineSum(this.core, out, x, pairs, shift, terms);
  }

  /**
   * Cosines and negated sines of words as angles, two 32-bit integers a word and term.
   * @param out array for the result
   * @param x input words
   * @param shift bits to shift by
   * @param terms frequencies and scales of the sines
   */
  sinePairs(out: Words, x: Words, shift: number, terms: readonly SineTerm[]): void {
    sinePairs(this.core, out, x, shift, terms);
  }
}
