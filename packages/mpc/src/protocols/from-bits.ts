/**
 * A number from its bits: from shares by XOR of words to shares of the number mod 2^64.
 *
 * Open e = b ^ beta under 64 free mask bits an element; the dealer deals each of them as a number, and
 *
 *     x = sum over j of 2^j (e_j + (1 - 2 e_j) [beta_j])
 *
 * Source: Rotaru and Wood, INDOCRYPT 2019 (daBits), from a dealer. Of beta_j only 64 - j bits count, so those of j >= 32 are
 * shared mod 2^32, two to a word.
 *
 * Exact for all 2^64 words. One round, 8 bytes an element to each peer; dealer 8 times 32 + 16 words: 384.
 */
import type { Words } from '@tacit/ring';
import { bitBlocks } from '../bits/bit-blocks.js';
import { openUnderBits } from '../bits/open-under-bits.js';
import { defineProtocol } from '../definition/protocol.js';
import { blockOf, Layout, planeWords } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

const layout = new Layout();
const beta = layout.freeBitWords('beta');
const low = Array.from({ length: 32 }, (_, j) => layout.words(`[beta ${j}]`));
/** Of bits j and j + 1, from j = 32 on. */
const high = Array.from({ length: 16 }, (_, k) => layout.halves(`[beta ${32 + 2 * k}], next`, 2));

/** The numbers whose bits are shared by XOR. */
export const fromBits = (session: Session, bits: Share): Share => fromBitsProtocol.runOn(session, bits, {});

export const fromBitsProtocol = defineProtocol({
  kind: 'from-bits',
  elementwise: true,
  parameters: () => ({}),
  fields: () => ({ layout }),
  rounds: () => 1,
  opens: () => [{ bits: 64 }],
  async party(op, { inputs: [share], out }) {
    const e = await openUnderBits(op, 'e', share, beta);
    await op.dealt();
    op.eachBlock((block) => {
      const { length } = block;
      const stride = planeWords(length);
      const planes = op.scratch.words(64 * stride);
      const sum = op.scratch.words(length);
      const dealt = op.scratch.words(length);
      const bit = op.scratch.words(length);
      op.ring.toPlanes(planes, blockOf(e, block), length, 0, 64);
      sum.fill(0n);
      const addBit = (j: number) => {
        op.ring.bitCombine(bit, planes.subarray(j * stride, (j + 1) * stride), dealt, op.first);
        op.ring.shl(bit, bit, j);
        op.ring.add(sum, sum, bit);
      };
      low.forEach((field, j) => {
        op.share(field, dealt, block);
        addBit(j);
      });
      high.forEach((field, k) => {
        op.share(field, dealt, block);
        addBit(32 + 2 * k);
        op.ring.shrU(dealt, dealt, 32);
        addBit(33 + 2 * k);
      });
      out.set(sum, block.start);
    }, bitBlocks(op.n));
    op.pool.give(e);
  },
  dealer(op) {
    op.eachBlock((block) => {
      const { length } = block;
      const stride = planeWords(length);
      const planes = op.scratch.words(64 * stride);
      const word = op.freeInScratch(beta, block);
      const next = op.scratch.words(length);
      op.ring.toPlanes(planes, word, length, 0, 64);
      const number = (to: Words, j: number) =>
        op.ring.fromPlanes(to, planes.subarray(j * stride, (j + 1) * stride), length, 0, 1);
      low.forEach((field, j) => {
        number(word, j);
        op.deal(field, word, block);
      });
      high.forEach((field, k) => {
        number(word, 32 + 2 * k);
        number(next, 33 + 2 * k);
        op.ring.shl(next, next, 32);
        op.ring.xor(word, word, next);
        op.deal(field, word, block);
      });
    }, bitBlocks(op.n));
  },
  examples: {
    'number of its bits': (s, { x }) => fromBits(s, x),
  },
});
