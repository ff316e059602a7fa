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
import { bitBlocks } from '../bits/blocks.js';
import { blockOf, openBitWords } from '../bits/opening.js';
import { ARITY, dealPrefix, type Opened, PrefixStep, prefixFields } from '../bits/prefix-products.js';
import { defineProtocol } from '../definition/protocol.js';
import { type Block, type Field, Layout } from '../runtime/layout.js';
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
export const toBits = (session: Session, x: Share): Share =>
  decompose.run(session, { inputs: [x], shape: x.shape, parameters: {}, argument: undefined });

export const decompose = defineProtocol({
  kind: 'to-bits',
  elementwise: true,
  parameters: () => ({}),
  fields: () => ({ layout }),
  rounds: () => ROUNDS,
  opens: () => [{ bits: 64 }, ...levels.flatMap(() => [{ bits: 64 }, { bits: 64 }])],
  async party(op, { inputs: [share], out }) {
    const c = await op.openWords('c', 64, (block, t) => {
      op.share(r, t, block);
      op.ring.add(t, t, blockOf(share, block));
    });
    await op.dealt();
    const P = op.pool.take(op.n);
    const G = op.pool.take(op.n);
    eachBlock(op, (block) => writeLeaf(op, block, c, blockOf(P, block), blockOf(G, block)));
    for (const { step, p, g, products } of levels) {
      const [dP, dG] = await Promise.all([
        openMasked(op, `P${step}`, P, p),
        openMasked(op, `G${step}`, G, g),
      ]);
      const propagates = step * ARITY < 64;
      eachBlock(op, (block) => {
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
    eachBlock(op, (block) => {
      const t = op.scratch.words(block.length);
      const bits = op.scratch.words(block.length);
      t.set(blockOf(G, block));
      op.ring.shl(t, t, 1);
      op.share(rBits, bits, block);
      op.ring.xor(t, t, bits);
      if (op.first) op.ring.xor(t, t, blockOf(c, block));
      out.set(t, block.start);
    });
    for (const words of [c, P, G]) op.pool.give(words);
  },
  dealer(op) {
    for (const block of bitBlocks(op.n)) {
      const mark = op.scratch.mark();
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
      op.scratch.release(mark);
    }
  },
  examples: {
    'bits of a number': (s, { x }) => toBits(s, x),
  },
});

/** Runs f on each block, and gives back the scratch that it takes. */
function eachBlock(op: PartyOp, f: (block: Block) => void): void {
  for (const block of bitBlocks(op.n)) {
    const mark = op.scratch.mark();
    f(block);
    op.scratch.release(mark);
  }
}

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
  const mask = scratch.words(block.length);
  ring.not(delta, blockOf(c, block));
  op.share(rBits, mask, block);
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

/** Opens this party's words under a mask. */
const openMasked = (op: PartyOp, name: string, words: Words, mask: Field): Promise<Words> =>
  openBitWords(op, name, (block, t) => {
    op.share(mask, t, block);
    op.ring.xor(t, t, blockOf(words, block));
  });

function openedBlock(op: PartyOp, delta: Words, mask: Field, block: Block): Opened {
  const own = op.scratch.words(block.length);
  op.share(mask, own, block);
  return { delta: blockOf(delta, block), mask: own };
}
