/**
 * x & y of words that are shared by XOR, bit by bit: with dx = x ^ a and dy = y ^ b opened under free masks,
 *
 *     x & y = dx & dy ^ dx & b ^ dy & a ^ a & b
 *
 * Source: Beaver, CRYPTO '91, over GF(2). Exact. One round, 16 bytes an element to each peer; dealer 8.
 */
import { openUnderBits } from '../bits/open-under-bits.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

const layout = new Layout();
const a = layout.freeBitWords('a');
const b = layout.freeBitWords('b');
const ab = layout.bitWords('a & b');

/** x & y, shares by XOR of words of one shape. */
export const andBits = (session: Session, x: Share, y: Share): Share =>
  andBitsProtocol.run(session, { inputs: [x, y], shape: x.shape, parameters: {} });

export const andBitsProtocol = defineProtocol({
  kind: 'and-bits',
  elementwise: true,
  parameters: () => ({}),
  fields: () => ({ layout }),
  rounds: () => 1,
  opens: () => [{ bits: 64 }, { bits: 64 }],
  async party(op, { inputs: [xs, ys], out }) {
    const [dx, dy] = await Promise.all([openUnderBits(op, 'x', xs, a), openUnderBits(op, 'y', ys, b)]);
    await op.dealt();
    op.eachBlock((block) => {
      const [u, v] = [blockOf(dx, block), blockOf(dy, block)];
      const sum = op.shareInScratch(ab, block);
      const t = op.shareInScratch(b, block);
      if (op.first) op.ring.xor(t, t, v);
      op.ring.and(t, t, u);
      op.ring.xor(sum, sum, t);
      op.share(a, t, block);
      op.ring.and(t, t, v);
      op.ring.xor(sum, sum, t);
      out.set(sum, block.start);
    });
    op.pool.give(dx);
    op.pool.give(dy);
  },
  dealer(op) {
    op.eachBlock((block) => {
      const product = op.freeInScratch(a, block);
      op.ring.and(product, product, op.freeInScratch(b, block));
      op.deal(ab, product, block);
    });
  },
  examples: {
    // Any words are shares of some bits: what an operation costs does not depend on them.
    'and of 64 bits, or': (s, { x, y }) => andBits(s, x, y),
  },
});
