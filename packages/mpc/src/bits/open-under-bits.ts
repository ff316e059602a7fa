/** Openings of words that are shared by XOR: bit j of a word is the XOR of the parties' bits j. */
import type { Words } from '@tacit/ring';
import { blockOf, type Field } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';

/**
 * Opens words ^ mask. One round, 8 bytes an element to each peer. The result belongs to the pool.
 * @param words this party's share
 * @param mask 64 fresh bits an element
 */
export async function openUnderBits(op: PartyOp, name: string, words: Words, mask: Field): Promise<Words> {
  const own = op.pool.take(op.n);
  await op.openWhole(
    name,
    (block, t) => {
      op.share(mask, t, block);
      op.ring.xor(t, t, blockOf(words, block));
    },
    own,
    (theirs) => op.ring.xor(own, own, theirs),
  );
  return own;
}
