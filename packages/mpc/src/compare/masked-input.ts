/** The public number that a comparison looks at: c = x + r mod 2^l, opened under a free mask r. */
import type { Words } from '@tacit/ring';
import { type Block, blockOf, type Field } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';

/**
 * Opens c = x + offset + r mod 2^l. One round, l/8 bytes an element to each peer.
 * @param r the free mask
 * @param x this party's share
 * @param offset public
 */
export const openMaskedInput = (op: PartyOp, r: Field, l: number, x: Words, offset = 0n): Promise<Words> =>
  op.openWords('c', l, (block, t) => {
    op.share(r, t, block);
    op.ring.add(t, t, blockOf(x, block));
    if (op.first && offset !== 0n) op.ring.addScalar(t, t, offset);
  });

/** Writes bits `from`, from + 1, ... of c - threshold, for one block, as planes. */
export function differencePlanes(
  op: PartyOp,
  c: Words,
  threshold: bigint,
  block: Block,
  planes: Words,
  from: number,
  bits: number,
): void {
  const mark = op.scratch.mark();
  let t = blockOf(c, block);
  if (threshold !== 0n) {
    t = op.scratch.words(block.length);
    op.ring.subScalar(t, blockOf(c, block), threshold);
  }
  op.ring.toPlanes(planes, t, block.length, from, bits);
  op.scratch.release(mark);
}
