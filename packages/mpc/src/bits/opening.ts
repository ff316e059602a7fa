/** Openings of words that are shared by XOR: bit j of a word is the XOR of the parties' bits j. */
import type { Words } from '@tacit/ring';
import type { Block } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';

/**
 * Opens 64 masked bits an element; `produce` writes a block of this party's share of (bits ^ mask), whose mask must be
 * fresh. One round, 8 bytes an element to each peer. The result belongs to the pool.
 */
export async function openBitWords(
  op: PartyOp,
  name: string,
  produce: (block: Block, out: Words) => void,
): Promise<Words> {
  const own = op.pool.take(op.n);
  await op.openWhole(name, produce, own, (theirs) => op.ring.xor(own, own, theirs));
  return own;
}

/** The part of an array that belongs to a block. */
export const blockOf = (words: Words, { start, length }: Block): Words =>
  words.subarray(start, start + length);
