/**
 * Products for one plain product a party. Beaver's formula E B_i + A_i F + C_i costs two. With E = X - A, F = Y - B
 * public and s = 2 for an even number n of parties, s = 1 for an odd one,
 *
 *     Z_i = k_i (l_i E + A_i) (l_i F + B_i) + C_i,       k_i l_i = s,   l_0 + ... + l_(n-1) = 1
 *     sum Z_i = s E F + s E B + s A F + sum (k_i A_i B_i + C_i) = s X Y       with C = s A B - sum k_i A_i B_i dealt
 *
 * for any bilinear product. All l_i divide s: they are 1 and -1, and for even n one of them 2, because an even number of
 * odd numbers never has an odd sum. That is where s = 2 comes from, and no other choice avoids it: over Z_2^64 two parties
 * with one product each and s = 1 would need l_0 + l_1 = 1 with both invertible. So the result carries one more
 * fraction bit, which the truncation drops with the others; its price is one bit of range.
 *
 * The matrix D of C = sum D_ij A_i B_j is singular (sum_i l_i D_ij = s - s = 0), so the dealer has n - 1 products:
 *
 *     C = sum_(i < n-1) (A_i + l_i A_last) (sum_j D_ij B_j)          l_last = -1
 *
 * Two parties: Z_0 = (2E + A_0)(2F + B_0) + C_0, Z_1 = -2 (A_1 - E)(B_1 - F) + C_1, C = (A_0 + 2 A_1)(B_0 + 2 B_1):
 * three plain products in all, where Beaver's formula has five.
 *
 * The opened E and F and the shares of C are what they are in Beaver's protocol: free masks, and a function of the
 * masks that is shared afresh. So nothing changes in what anybody sees.
 */
import { remembered } from '../runtime/remembered.js';

export interface ProductForm {
  /** Fraction bits that a product has beyond those of its operands: s = 2^extraBits. */
  readonly extraBits: 0 | 1;
  /** By rank. */
  readonly l: readonly bigint[];
  readonly k: readonly bigint[];
  /** The dealer's products: weights of the parties' masks in the left and in the right factor. */
  readonly dealt: readonly { readonly left: readonly bigint[]; readonly right: readonly bigint[] }[];
}

const forms = new Map<number, ProductForm>();

/** The form for that many parties. */
export const productForm = (parties: number): ProductForm =>
  remembered(forms, parties, () => makeForm(parties));

/** Fraction bits that a product of two masked tensors has beyond the sum of theirs: 1 for an even number of parties. */
export const productBits = (parties: number): 0 | 1 => (parties % 2 === 0 ? 1 : 0);

function makeForm(parties: number): ProductForm {
  const extraBits = productBits(parties);
  const s = 1n << BigInt(extraBits);
  const last = parties - 1;
  // The sum is 1: a 2 for even n, then half (rounded down) of all are -1, the last ones.
  const negative = parties >> 1;
  const l = Array.from({ length: parties }, (_, i) => {
    if (i >= parties - negative) return -1n;
    return i === 0 ? s : 1n;
  });
  const k = l.map((v) => s / v);
  const dealt = Array.from({ length: last }, (_, i) => ({
    left: l.map((_, j) => (j === i ? 1n : j === last ? l[i] : 0n)),
    right: k.map((v, j) => (j === i ? s - v : s)),
  }));
  return { extraBits, l, k, dealt };
}
