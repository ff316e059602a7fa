/**
 * Shares that outlive their session. No round, no message, nothing is opened.
 *
 * Out: a party's share plus its share of zero (zero-sharing.ts), so that what is kept says nothing about how the value was
 * computed: any n - 1 of the kept shares are uniform and independent of all that went over the network, and two copies of
 * one value are independent of each other. In: the words are the share, as they are. Nobody can see whether the parties'
 * words belong together; who reads them has to make sure of that (files carry the name of their save).
 */
import { sizeOf, type Words } from '@tacit/ring';
import { wordsGiven } from '../checks.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';
import { addZeroSharing } from './zero-sharing.js';

/** This party's words of a fresh sharing of x. They are the caller's. */
export function sharesToKeep(session: Session, x: Share): Promise<Words> {
  const { shape, size: n } = x;
  const fresh = session.issue(
    {
      descriptor: { kind: 'keep', n, shape },
      inputs: [x],
      shape,
      rounds: 0,
      output: () => new BigUint64Array(n), // the caller's, so not from the pool
    },
    (op, [share], own) => {
      own.set(share);
      addZeroSharing(session, op, own);
    },
  );
  return fresh.value;
}

/**
 * The sharing whose shares the parties kept.
 * @param words this party's (copied)
 * @param origin what they belong to, the same at all parties: they find out if it is not
 */
export function keptShares(
  session: Session,
  shape: readonly number[],
  words: Words | Promise<Words>,
  origin: string,
): Share {
  return session.issue(
    {
      descriptor: { kind: 'kept', n: sizeOf(shape), shape, origin },
      inputs: [],
      shape,
      rounds: 0,
      output: 'overwritten',
    },
    async (_, __, share) => share.set(wordsGiven(shape, await words)),
  );
}
