/**
 * Revealing: the parties re-randomise their shares with a zero sharing from their pairwise streams (so that a share
 * says nothing about how it was computed) and send them. One round, 8 bytes an element to each party that learns it.
 */
import type { Words } from '@tacit/ring';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

/** Stream field of zero sharings in the pairwise streams. */
const ZERO_FIELD = 1;

/** Tells the value to everybody, or only to rank `to`; resolves to undefined at parties that don't learn it. */
export function reveal(session: Session, x: Share, to?: number): Promise<Words | undefined> {
  const { shape, size: n } = x;
  if (to !== undefined && !(Number.isInteger(to) && to >= 0 && to < session.parties))
    throw new RangeError(`there is no party ${to} to reveal to`);
  const descriptor = { kind: 'reveal', n, shape, to: to ?? 'all' };
  const handle = session.issue(
    { descriptor, inputs: [x], shape, rounds: 1, oneSided: to !== undefined },
    async (op, [share]) => {
      const own = op.pool.take(n);
      own.set(share);
      addZeroSharing(session, op, own);
      const bytesOf = (w: Words) => new Uint8Array(w.buffer, w.byteOffset, n * 8);
      const message = () => {
        const payload = op.bytes(n * 8);
        payload.set(bytesOf(own));
        return payload;
      };
      const fold = (received: Uint8Array) =>
        op.ring.add(own, own, new BigUint64Array(received.buffer as ArrayBuffer, received.byteOffset, n));
      if (to === undefined) await op.exchange('y', message(), fold);
      else if (to !== op.rank) op.sendTo(to, 'y', message());
      else for (const peer of op.peers()) fold(await op.receiveFrom(peer, 'y', n * 8));
      return own;
    },
  );
  return handle.value.then((words) => (to === undefined || to === session.rank ? words : undefined));
}

function addZeroSharing(session: Session, op: PartyOp, share: Words): void {
  for (const block of op.blocks()) {
    const mark = op.scratch.mark();
    const t = op.scratch.words(block.length);
    const part = share.subarray(block.start, block.start + block.length);
    for (const peer of op.peers()) {
      session.pairwise(peer).fill(t, op.id, ZERO_FIELD, block.start);
      if (op.rank < peer) op.ring.add(part, part, t);
      else op.ring.sub(part, part, t);
    }
    op.scratch.release(mark);
  }
}
