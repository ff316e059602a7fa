/** How many keys there are to try. */

/** An original weight need not be found exactly: within 1/256 of the range of its layer it is as good. */
const VALUE_BITS = 8;

/** Binary logarithms of what has to be tried. */
export interface SearchSpace {
  /** Which weights were changed: log2 of n over k. */
  readonly positionBits: number;
  /** What they were, each to 1/256 of the range of its layer. */
  readonly valueBits: number;
  readonly bits: number;
}

/**
 * The search for a key by trying all, by somebody who knows how many weights were changed.
 * @param weights how many weights could have been changed
 * @param changed how many were
 * @returns logarithms of the numbers of tries
 * @example searchSpace(3246, 27).positionBits; // 220.6…
 */
export function searchSpace(weights: number, changed: number): SearchSpace {
  let positionBits = 0;
  for (let i = 1; i <= changed; i++) positionBits += Math.log2((weights - changed + i) / i);
  const valueBits = VALUE_BITS * changed;
  return { positionBits, valueBits, bits: positionBits + valueBits };
}
