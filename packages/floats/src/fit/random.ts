/** Randomness of training: the machine's, unless a program gives its own, to repeat a run. */

/** Numbers from 0 to below 1. */
export type Random = () => number;

const WORDS = 1024;

/**
 * Numbers from the machine's cryptographic randomness.
 * @returns multiples of 2^-32
 */
export function machineRandom(): Random {
  const words = new Uint32Array(WORDS);
  let at = WORDS;
  return () => {
    if (at === WORDS) {
      globalThis.crypto.getRandomValues(words);
      at = 0;
    }
    return words[at++] / 2 ** 32;
  };
}

/** 0 to length - 1 in random order (Fisher, Yates). */
export function randomOrder(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
