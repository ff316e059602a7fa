/**
 * Check characters by H. M. Damm's algorithm (Total anti-symmetrische Quasigruppen, 2004) over 32 characters, whose
 * quasigroup is x * y = 2x + y in the field of 32 elements (polynomial x^5 + x^2 + 1, of which 2 is a root and generates
 * all other elements).
 *
 * The sum of a block is c_1 2^(n-1) + ... + c_n 2^0, with the check character last, and 0 for a correct block. So, up to
 * blocks of 31 characters, these are found always: one wrong character, and any two characters that changed places,
 * neighbours or not. (The Luhn algorithm modulo 32, which is usual for this, does not find that A7 became 7A.)
 */

/** The product of an element with 2. */
const doubled = (x: number): number => (x << 1) ^ (x & 16 ? 0b100101 : 0);

/**
 * The check character of a block.
 * @param block numbers from 0 to 31
 * @returns the number that makes the sum of the block with it 0
 */
export const checkOf = (block: readonly number[]): number =>
  doubled(block.reduce((sum, x) => doubled(sum) ^ x, 0));

/**
 * Whether a block with its check character is correct.
 * @param block numbers from 0 to 31, the check character last
 * @returns false after a typing error, see above
 */
export const isCorrect = (block: readonly number[]): boolean => checkOf(block) === 0;
