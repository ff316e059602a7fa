/**
 * Truncation between two parties, each shifting its own share (formulas: ring/src/wraps.ts). What is missing then is
 * whether the two shares wrap around 2^64. Shares of a number that is not negative, after an offset, wrap unless both lie
 * in the low half (Rathee et al., "SiRnn", S&P 2021; Huang et al., "Cheetah", USENIX Security 2022): one product of a bit
 * of each party. They take it from oblivious transfer; with random bits a, b of the parties and a b dealt it is
 *
 *     open d_0 = n_0 ^ a, d_1 = n_1 ^ b
 *
 * |x| < 2^62. The result is floor(x / 2^f) or one more, never anything else; the one more comes with probability
 * frac(x / 2^f) over the low bits of the shares, which are uniform unless the value is a public one. One round, one bit
 * an element; dealer 4 bytes. For f up to 32.
 *
 * A party sends n_i under a bit that nobody else knows and that is read nowhere else; t_1 = a b - t_0 is uniform for the
 * last party. So messages and corrections are uniform whatever x is. How x is rounded is a function of the low bits of
 * its shares: see SECURITY.md for what that means.
 */
import { stepWords, type Words, wrapsFit } from '@tacit/ring';
import type { DealerOp } from '../definition/dealer-op.js';
import { type Block, blockOf, type Field, type Layout, planeWords } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';

export interface WrapFields {
  /** The parties' bits a and b. Each is a secret of its own, what they add up to means nothing. */
  readonly masks: Field;
  /** Shares of a b modulo 2^32. */
  readonly product: Field;
}

/** Whether truncation by f bits goes this way. */
export const truncatesByWraps = (parties: number, f: number): boolean => parties === 2 && wrapsFit(f);

export const wrapFields = (layout: Layout): WrapFields => ({
  masks: layout.freePlanes('a, b', 1),
  product: layout.halves('a b', 1),
});

/**
 * Party half: `out` = shares x truncated; the two may be one array. `make` is called for each block before its shares are
 * read; if it reads dealt fields, they must be there.
 */
export async function truncateByWraps(
  op: PartyOp,
  { masks, product }: WrapFields,
  f: number,
  x: Words,
  out: Words,
  make: (block: Block) => void = () => {},
): Promise<void> {
  const { own, theirs, release } = await op.openPlaneSummands('d', (block, d) => {
    make(block);
    op.ring.lowHalves(d, blockOf(x, block), op.first);
    op.xorShare(masks, d, block);
  });
  await op.dealt();
  op.eachBlock((block) => {
    const t = op.shareInScratch(product, block);
    const plane = (words: Words) => {
      const start = block.start / 64;
      return words.subarray(start, start + planeWords(block.length));
    };
    op.ring.wrapCombine(blockOf(out, block), blockOf(x, block), t, plane(own), plane(theirs), f, op.first);
  });
  release();
}

/** Dealer half, one block. */
export function dealWraps(op: DealerOp, { masks, product }: WrapFields, block: Block): void {
  const mark = op.scratch.mark();
  const [a, b] = [0, 1].map((rank) => {
    const words = op.scratch.words(planeWords(block.length));
    op.part(masks, rank, words, block);
    return words;
  });
  const both = op.scratch.words(stepWords(block.length));
  op.ring.bothBits(both, a, b, block.length);
  op.deal(product, both, block);
  op.scratch.release(mark);
}
