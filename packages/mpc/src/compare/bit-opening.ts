/**
 * A secret bit as a shared number: the bit is opened as e = bit ^ beta under a free random bit beta, and
 * [bit]_i = [i=0] e + (1 - 2e) beta_i with the dealt [beta]. One round, one bit an element; dealer 8 bytes.
 */
import type { Words } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import type { Block, Field, Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { PlaneWriter } from './compare-with-mask.js';
import { bitsAsWords, signPlane } from './sign.js';

export interface BitFields {
  readonly plane: Field;
  readonly word: Field;
}

export const bitFields = (layout: Layout): BitFields => ({
  plane: layout.freePlanes('beta', 1),
  word: layout.words('[beta]'),
});

/** Opens bit ^ beta, given the writer of this party's shares of the bit. */
export const openBit = (op: PartyOp, fields: BitFields, bit: PlaneWriter): Promise<Words> =>
  op.openPlanes('e', 1, (block, out) => {
    const mark = op.scratch.mark();
    bit(block, out);
    op.ring.xor(out, out, op.shareInScratch(fields.plane, block));
    op.scratch.release(mark);
  });

/** This party's share of the bit of each element of a block. */
export function bitShare(op: PartyOp, fields: BitFields, e: Words, block: Block, out: Words): void {
  const mark = op.scratch.mark();
  op.ring.bitCombine(out, signPlane(op, e, block), op.shareInScratch(fields.word, block), op.first);
  op.scratch.release(mark);
}

/** Dealer half, one block. */
export function dealBit(op: DealerOp, fields: BitFields, block: Block): void {
  const mark = op.scratch.mark();
  op.deal(fields.word, bitsAsWords(op, op.freeInScratch(fields.plane, block), block), block);
  op.scratch.release(mark);
}
