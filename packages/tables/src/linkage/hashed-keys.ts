/**
 * Keys as numbers and places: HMAC with SHA-256 of a key's text under a salt that is drawn for one linkage, so that
 * nobody could prepare keys that collide. Both owners know the salt; the hashes go to nobody.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** What a key becomes. */
export interface HashedKey {
  /** What is compared in private, from 0 to 2^bits - 1. */
  readonly word: bigint;
  /** Bins where a row of this key may be: `choices` different ones. */
  readonly bins: readonly number[];
}

const CONTEXT = utf8ToBytes('tacit record linkage 1\0');

/**
 * The hash of a key.
 * @param salt bytes that both owners know
 * @param text the key as text
 * @param bits bits of the word, up to 62
 * @param bins how many bins there are
 * @param choices how many of them, up to 3, are chosen: all sets are equally likely
 * @returns the word and the bins
 */
export function hashKey(
  salt: Uint8Array,
  text: string,
  { bits, bins, choices }: { readonly bits: number; readonly bins: number; readonly choices: number },
): HashedKey {
  const digest = hmac(sha256, salt, concatBytes(CONTEXT, utf8ToBytes(text)));
  const words = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const chosen: number[] = [];
  for (let i = 0; i < choices; i++) {
    // Among those that are left, of which there are i fewer. What 2^64 leaves is far below 2^-40.
    let bin = Number(words.getBigUint64(8 * (i + 1)) % BigInt(bins - i));
    for (const other of chosen) if (bin >= other) bin++;
    chosen.push(bin);
    chosen.sort((a, b) => a - b);
  }
  return { word: BigInt.asUintN(bits, words.getBigUint64(0)), bins: chosen };
}
