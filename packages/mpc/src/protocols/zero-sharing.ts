/**
 * Sharings of zero from the streams that each two parties have in common: no message (Cramer, Damgård, Ishai, TCC 2005).
 * Any n - 1 of the summands are uniform, so a share that one was added to says nothing about how it was computed.
 */
import type { Words } from '@tacit/ring';
import { blockOf } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';

/** Stream field of zero sharings in the pairwise streams. */
const ZERO_FIELD = 1;

/** Adds this party's share of zero, once an operation. */
export function addZeroSharing(session: Session, op: PartyOp, share: Words): void {
  op.eachBlock((block) => {
    const t = op.scratch.words(block.length);
    const part = blockOf(share, block);
    for (const peer of op.peers()) {
      session.pairwise(peer).fill(t, op.id, ZERO_FIELD, block.start);
      if (op.rank < peer) op.ring.add(part, part, t);
      else op.ring.sub(part, part, t);
    }
  });
}
