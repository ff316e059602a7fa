/**
 * Sharing an input: every other party expands its share from the stream that it has in common with the owner, the owner
 * keeps the difference. No message, no round; any n - 1 shares are uniform.
 */
import type { Words } from '@tacit/ring';
import { sizeOf } from '@tacit/ring';
import { checkFills, wordsGiven } from '../checks.js';
import { fingerprint } from '../runtime/fingerprint.js';
import { blockOf } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

/**
 * @param source rank of the owner
 * @param words the value mod 2^64 at the owner (kept, not copied); ignored elsewhere
 * @param scale its fraction bits, so that parties that would read it differently find out
 */
export function shareInput(
  session: Session,
  source: number,
  shape: readonly number[],
  words: Words | Promise<Words> | undefined,
  scale?: number,
): Share {
  const n = sizeOf(shape);
  return session.issue(
    {
      descriptor: { kind: 'input', n, shape, source, scale },
      inputs: [],
      shape,
      rounds: 0,
      output: 'overwritten',
    },
    async (op, _, share) => {
      if (op.rank !== source) {
        session.pairwise(source).fill(share, op.id, INPUT_FIELD, 0);
        return;
      }
      share.set(wordsGiven(shape, await words));
      op.eachBlock((block) => {
        const t = op.scratch.words(block.length);
        const part = blockOf(share, block);
        for (const peer of op.peers()) {
          session.pairwise(peer).fill(t, op.id, INPUT_FIELD, block.start);
          op.ring.sub(part, part, t);
        }
      });
    },
  );
}

/** A public constant as a sharing: party 0 holds it, the others hold zeros. Local. @throws ShapeError */
export function sharePublic(session: Session, shape: readonly number[], words: Words): Share {
  const n = sizeOf(shape);
  checkFills('fromPublic', shape, words);
  const descriptor = { kind: 'public', n, shape, words: fingerprint(words) };
  return session.issue({ descriptor, inputs: [], shape, rounds: 0 }, (op, _, share) => {
    if (op.first) share.set(words);
  });
}

/** Stream field of input shares in the pairwise streams. */
const INPUT_FIELD = 0;
