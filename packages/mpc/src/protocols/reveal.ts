/**
 * Revealing: the parties re-randomise their shares with a zero sharing from their pairwise streams (so that a share
 * says nothing about how it was computed) and send them. One round, 8 bytes an element to each party that learns it,
 * and 8 for the hash of the program up to here: nobody gets a number that parties computed by different programs.
 *
 * Rounded on the way (two parties, one recipient): a value Z at product scale needs no truncation before it. The sender
 * adds noise u, uniform in [0, 2^f) and known to nobody else, to its share; the recipient gets V = Z + u and takes
 * y = V >> f, which is Z >> f or one more, the latter with probability frac(Z / 2^f). Exact for |Z| < 2^63 - 2^f. That is a
 * round less than truncation and reveal, and no work for the dealer.
 *
 * The recipient learns as much as from a truncation (truncate.ts) and a reveal, nothing more. Write Z = h 2^f + z,
 * 0 <= z < 2^f. Here v = V mod 2^f is uniform, whatever Z is, and y = h + [v < z]. There the recipient has a share whose
 * low bits make a threshold v that is as uniform, and again y = h + [v < z] (for more than 32 bits to drop, v is
 * c mod 2^f of the opened c): the pair (y, v) is distributed alike, V = y 2^f + v is the same as that pair, and what else
 * the recipient sees is uniform and independent of it. The message is V less the recipient's own share, so V is all of
 * it; the sender gets no message at all. So each can be simulated from the other.
 *
 * It holds for two parties only. A recipient that colludes with all senders but one knows their noise, so each sender
 * would have to add noise of the full width, and the sum would be off by up to n - 1 units; and of a reveal to all, each party
 * would read another number.
 *
 * A value has one U, however often and with whatever f it is revealed, and u = U mod 2^f: several independent u would
 * narrow z down. Of two f the larger V is the smaller one plus bits of U that the smaller one does not have, whatever Z
 * is: it tells nothing more.
 */
import type { Words } from '@tacit/ring';
import { blockOf } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { addZeroSharing } from './zero-sharing.js';

const STAMP_BYTES = 8;
/** Stream field of noise in a party's own stream. */
const NOISE_FIELD = 0;

/**
 * Tells the value to everybody, or only to rank `to`; resolves to undefined at parties that don't learn it.
 * @param scale fraction bits that the value is read with, so that parties that would read it differently find out
 */
export const reveal = (session: Session, x: Share, to?: number, scale?: number): Promise<Words | undefined> =>
  tell(session, x, to, scale, 0);

/** Whether `revealRounded` to that party can take the place of a truncation and a reveal. */
export const roundsOnTheWay = (session: Session, to: number | undefined): to is number =>
  to !== undefined && session.parties === 2 && session.config.truncation === 'probabilistic';

/**
 * Tells x / 2^drop, rounded down or up, to rank `to` of two parties; resolves to undefined at the other. One round.
 * |x| < 2^62.
 * @param scale fraction bits of the result
 * @throws RangeError unless roundsOnTheWay, or unless 1 to 61 bits are dropped
 */
export function revealRounded(
  session: Session,
  x: Share,
  to: number,
  drop: number,
  scale?: number,
): Promise<Words | undefined> {
  if (!roundsOnTheWay(session, to))
    throw new RangeError(
      'a value is rounded on its way only between two parties that truncate with rounding',
    );
  if (!Number.isInteger(drop) || drop < 1 || drop > 61) throw new RangeError(`cannot drop ${drop} bits`);
  return tell(session, x, to, scale, drop);
}

function tell(
  session: Session,
  x: Share,
  to: number | undefined,
  scale: number | undefined,
  drop: number,
): Promise<Words | undefined> {
  const { shape, size: n } = x;
  if (to !== undefined && !(Number.isInteger(to) && to >= 0 && to < session.parties))
    throw new RangeError(`there is no party ${to} to reveal to`);
  const bytes = STAMP_BYTES + n * 8;
  const descriptor = { kind: 'reveal', n, shape, to: to ?? 'all', scale, drop };
  const handle: Share = session.issue(
    {
      descriptor,
      inputs: [x],
      shape,
      rounds: 1,
      sends: to === undefined ? () => bytes * (session.parties - 1) : (rank) => (rank === to ? 0 : bytes),
      output: () => new BigUint64Array(n), // the caller's in the end, so not from the pool
    },
    async (op, [share], own) => {
      own.set(share);
      addZeroSharing(session, op, own);
      if (drop > 0 && op.rank !== to) addNoise(session, op, x, drop, own);
      const stamp = BigInt(`0x${handle.stamp}`);
      const message = new BigUint64Array(op.bytes(bytes).buffer);
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
      if (drop > 0) op.ring.shrS(own, own, drop);
    },
  );
  return handle.value.then((words) => (to === undefined || to === session.rank ? words : undefined));
}

/** Uniform in [0, 2^drop), the low bits of one stream for one value: it is named by the operation that made it. */
function addNoise(session: Session, op: PartyOp, x: Share, drop: number, share: Words): void {
  op.eachBlock((block) => {
    const t = op.scratch.words(block.length);
    const part = blockOf(share, block);
    session.noise.fill(t, x.id, NOISE_FIELD, block.start);
    op.ring.maskLow(t, t, drop);
    op.ring.add(part, part, t);
  });
}
