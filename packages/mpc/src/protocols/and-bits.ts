/**
 * x & y of words that are shared by XOR, bit by bit: with dx = x ^ a and dy = y ^ b opened under free masks,
 *
 *     x & y = dx & dy ^ dx & b ^ dy & a ^ a & b
 *
 * Source: Beaver, CRYPTO '91, over GF(2). Exact. One round, 16 bytes an element to each peer; dealer 8.
 */
import type { Words } from '@tacit/ring';
import { blockOf, openBitWords } from '../bits/opening.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

const layout = new Layout();
const a = layout.freeBitWords('a');
const b = layout.freeBitWords('b');
const ab = layout.bitWords('a & b');

/** x & y, shares by XOR of words of one shape. */
export const andBits = (session: Session, x: Share, y: Share): Share =>
  and.run(session, { inputs: [x, y], shape: x.shape, parameters: {}, argument: undefined });

export const and = defineProtocol({
  kind: 'and-bits',
  elementwise: true,
  parameters: () => ({}),
  fields: () => ({ layout }),
  rounds: () => 1,
  opens: () => [{ bits: 64 }, { bits: 64 }],
  async party(op, { inputs: [xs, ys], out }) {
    const masked = (share: Words, mask: Field) => (block: Block, t: Words) => {
      op.share(mask, t, block);
      op.ring.xor(t, t, blockOf(share, block));
    };
    const [dx, dy] = await Promise.all([
      openBitWords(op, 'x', masked(xs, a)),
      openBitWords(op, 'y', masked(ys, b)),
    ]);
    await op.dealt();
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const t = op.scratch.words(block.length);
      const sum = op.scratch.words(block.length);
      const [u, v] = [blockOf(dx, block), blockOf(dy, block)];
      op.share(ab, sum, block);
      op.share(b, t, block);
      if (op.first) op.ring.xor(t, t, v);
      op.ring.and(t, t, u);
      op.ring.xor(sum, sum, t);
      op.share(a, t, block);
      op.ring.and(t, t, v);
      op.ring.xor(sum, sum, t);
      out.set(sum, block.start);
      op.scratch.release(mark);
    }
    op.pool.give(dx);
    op.pool.give(dy);
  },
  dealer(op) {
    for (const block of op.blocks()) {
      const mark = op.scratch.mark();
      const p = op.scratch.words(block.length);
      const q = op.scratch.words(block.length);
      op.free(a, p, block);
      op.free(b, q, block);
      op.ring.and(p, p, q);
      op.deal(ab, p, block);
      op.scratch.release(mark);
    }
  },
  examples: {
    // Any words are shares of some bits: what an operation costs does not depend on them.
    'and of 64 bits, or': (s, { x, y }) => andBits(s, x, y),
  },
});
