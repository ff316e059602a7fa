/** Randomness of the ideal functionality. */
import type { Words } from '@tacit/ring';

/** `getRandomValues` gives at most 64 KiB at once. */
const PIECE = 8192;

/** Fresh uniform words. */
export function freshWords(count: number): Words {
  const words = new BigUint64Array(count);
  for (let at = 0; at < count; at += PIECE)
    globalThis.crypto.getRandomValues(words.subarray(at, Math.min(count, at + PIECE)));
  return words;
}
