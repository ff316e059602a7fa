/**
 * Revealing: the parties re-randomise their shares with a zero sharing from their pairwise streams (so that a share
 * says nothing about how it was computed) and send them. One round, 8 bytes an element to each party that learns it,
 * and 8 for the hash of the program up to here: nobody gets a number that parties computed by different programs.
 */
import type { Words } from '@tacit/ring';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

/** Stream field of zero sharings in the pairwise streams. */
const ZERO_FIELD = 1;
const STAMP_BYTES = 8;

/**
 * Tells the value to everybody, or only to rank `to`; resolves to undefined at parties that don't learn it.
 * @param scale fraction bits that the value is read with, so that parties that would read it differently find out
 */
export function reveal(session: Session, x: Share, to?: number, scale?: number): Promise<Words | undefined> {
  const { shape, size: n } = x;
  if (to !== undefined && !(Number.isInteger(to) && to >= 0 && to < session.parties))
    throw new RangeError(`there is no party ${to} to reveal to`);
  const descriptor = { kind: 'reveal', n, shape, to: to ?? 'all', scale };
  const handle: Share = session.issue(
    { descriptor, inputs: [x], shape, rounds: 1, oneSided: to !== undefined },
    async (op, [share]) => {
      const own = op.pool.take(n);
      own.set(share);
      addZeroSharing(session, op, own);
      const stamp = BigInt(`0x${handle.stamp}`);
      const message = new BigUint64Array(op.bytes(STAMP_BYTES + n * 8).buffer);
      message[0] = stamp;
      message.set(own, 1);
      let other: number | undefined;
      const fold = (received: Uint8Array, from: number) => {
        const theirs = new BigUint64Array(received.buffer as ArrayBuffer, received.byteOffset, 1 + n);
        if (theirs[0] !== stamp) other ??= from;
        op.ring.add(own, own, theirs.subarray(1));
      };
      const payload = new Uint8Array(message.buffer);
      if (to === undefined) await op.exchange('y', payload, fold);
      else if (to !== op.rank) op.sendTo(to, 'y', payload);
      else for (const peer of op.peers()) fold(await op.receiveFrom(peer, 'y', payload.length), peer);
      if (other !== undefined) await session.differs(other, op.id);
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
