/** Numbers that a seed repeats, so that two runs of an example see the same data. For data only: never for a mask. */

/**
 * Uniform numbers on [0, 1) (mulberry32).
 * @param seed whole number
 * @returns the next number at each call
 */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Standard normal numbers (Box, Muller 1958).
 * @param seed whole number
 * @returns the next number at each call
 */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
