/**
 * The bits of a shared number: from shares of x mod 2^64 to shares by XOR of its words.
 *
 * Open c = x + r under a free mask r whose bits are dealt, and subtract r from the public c bit by bit
 * (Escudero, Ghosh, Keller, Rachuri and Scholl, CRYPTO 2020, section 4: edaBits; here from a dealer):
 *
 *     x = c ^ r ^ B << 1        B: the borrows that leave each place
 *
 * A place makes a borrow where g = ~c & r, and passes one on where p = ~(c ^ r). Borrows over 4, 16 and 64 places are
 * made by a parallel prefix of arity 4 (bits/prefix-products.ts):
 *
 *     G' = G ^ P G<<s ^ P P<<s G<<2s ^ P P<<s P<<2s G<<3s        P' = P P<<s P<<2s P<<3s
 *
 * (XOR is OR: at most one term is 1.) The first step takes no message, since its p is the opened ~c under the mask r,
 * and g = ~c & ~p. The next one opens P and G; so does the last, which needs no P'.
 *
 * Exact for all 2^64 words. Rounds 3; bytes an element 8 + 2 * 16 = 40 to each peer; dealer 8 (bits of r) and 8 times
 * 7 + 14 + 10 products: 256.
 */
import type { Words } from '@tacit/ring';
import { bitBlocks } from '../bits/bit-blocks.js';
import { openUnderBits } from '../bits/open-under-bits.js';
import { ARITY, dealPrefix, type Opened, PrefixStep, prefixFields } from '../bits/prefix-products.js';
import { openMaskedInput } from '../compare/masked-input.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, blockOf, type Field, Layout } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

const layout = new Layout();
const r = layout.freeWords('r');
const rBits = layout.bitWords('bits of r');
const leaf = prefixFields(layout, 'leaf', { propagate: true, generate: false });
const level = (step: number, propagate: boolean) => ({
  step,
  p: layout.freeBitWords(`mask of P, step ${step}`),
  g: layout.freeBitWords(`mask of G, step ${step}`),
  products: prefixFields(layout, `step ${step}`, { propagate, generate: true }),
});
const levels = [level(ARITY, true), level(ARITY ** 2, false)];

const ROUNDS = 1 + levels.length;

/** The bits of x, shared by XOR. */
export const toBits = (session: Session, x: Share): Share => toBitsProtocol.runOn(session, x, {});

export const toBitsProtocol = defineProtocol({
  kind: 'to-bits',
  elementwise: true,
  parameters: () => ({}),
  fields: () => ({ layout }),
  rounds: () => ROUNDS,
  opens: () => [{ bits: 64 }, ...levels.flatMap(() => [{ bits: 64 }, { bits: 64 }])],
  async party(op, { inputs: [share], out }) {
    const c = await openMaskedInput(op, r, 64, share);
    await op.dealt();
    const P = op.pool.take(op.n);
    const G = op.pool.take(op.n);
    const eachBlock = (work: (block: Block) => void) => op.eachBlock(work, bitBlocks(op.n));
    eachBlock((block) => writeLeaf(op, block, c, blockOf(P, block), blockOf(G, block)));
    for (const { step, p, g, products } of levels) {
      const [dP, dG] = await Promise.all([
        openUnderBits(op, `P${step}`, P, p),
        openUnderBits(op, `G${step}`, G, g),
      ]);
      const propagates = step * ARITY < 64;
      eachBlock((block) => {
        const opened = { p: openedBlock(op, dP, p, block), g: openedBlock(op, dG, g, block) };
        const node = new PrefixStep(op, products, step, block, opened.p, opened.g);
        if (propagates) inScratch(op, blockOf(P, block), (t) => node.product(t, ARITY));
        inScratch(op, blockOf(G, block), (t, u) => {
          t.set(opened.g.mask);
          if (op.first) op.ring.xor(t, t, opened.g.delta);
          for (let k = 1; k < ARITY; k++) {
            node.product(u, k, true);
            op.ring.xor(t, t, u);
          }
        });
      });
      op.pool.give(dP);
      op.pool.give(dG);
    }
    eachBlock((block) => {
      const t = op.scratch.words(block.length);
      t.set(blockOf(G, block));
      op.ring.shl(t, t, 1);
      op.ring.xor(t, t, op.shareInScratch(rBits, block));
      if (op.first) op.ring.xor(t, t, blockOf(c, block));
      out.set(t, block.start);
    });
    for (const words of [c, P, G]) op.pool.give(words);
  },
  dealer(op) {
    op.eachBlock((block) => {
      const p = op.scratch.words(block.length);
      const g = op.scratch.words(block.length);
      op.free(r, p, block);
      g.set(p);
      op.deal(rBits, g, block);
      dealPrefix(op, leaf, 1, block, p);
      for (const { step, products, ...masks } of levels) {
        op.free(masks.p, p, block);
        op.free(masks.g, g, block);
        dealPrefix(op, products, step, block, p, g);
      }
    }, bitBlocks(op.n));
  },
  examples: {
    'bits of a number': (s, { x }) => toBits(s, x),
  },
});

/** Has f write `out` in scratch, with scratch of that length to work with. */
function inScratch(op: PartyOp, out: Words, f: (t: Words, work: Words) => void): void {
  const t = op.scratch.words(out.length);
  f(t, op.scratch.words(out.length));
  out.set(t);
}

/** P and G of 4 places: P of products of p = ~c ^ r, and G as the sum over j of ~c<<j & p ... p<<(j-1) & ~(p<<j). */
function writeLeaf(op: PartyOp, block: Block, c: Words, P: Words, G: Words): void {
  const { ring, scratch } = op;
  const delta = scratch.words(block.length);
  const mask = op.shareInScratch(rBits, block);
  ring.not(delta, blockOf(c, block));
  const node = new PrefixStep(op, leaf, 1, block, { delta, mask });
  const sum = scratch.words(block.length);
  const t = scratch.words(block.length);
  let before = scratch.words(block.length);
  let product = scratch.words(block.length);
  sum.fill(0n);
  node.product(before, 0);
  for (let j = 0; j < ARITY; j++) {
    node.product(product, j + 1);
    ring.xor(t, before, product);
    ring.and(t, t, node.delta(j));
    ring.xor(sum, sum, t);
    [before, product] = [product, before];
  }
  P.set(before);
  G.set(sum);
}

const openedBlock = (op: PartyOp, delta: Words, mask: Field, block: Block): Opened => ({
  delta: blockOf(delta, block),
  mask: op.shareInScratch(mask, block),
});
