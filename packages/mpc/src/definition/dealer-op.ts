/** What a protocol's dealer half works with: all parties' streams, and the corrections of one chunk. */
import type { Ring, Words, WordsPool } from '@tacit/ring';
import { type Chunk, ChunkOp } from '../runtime/chunk-op.js';
import { type Block, blocksOf, type Field, fieldOffset, type Layout } from '../runtime/layout.js';
import { applyViews, type MaskRef } from '../runtime/mask-ref.js';
import type { OpId, Prg } from '../runtime/prg.js';
import type { MaskCache } from './mask-cache.js';

export class DealerOp extends ChunkOp {
  constructor(
    ring: Ring,
    /** Each party's stream of free fields, by rank. */
    readonly streams: readonly Prg[],
    /** The streams of this operation's dealt fields, of all parties but the last. */
    readonly dealtStreams: readonly Prg[],
    id: OpId,
    chunk: Chunk,
    layout: Layout,
    readonly corrections: Words,
    readonly pool: WordsPool,
    readonly masks: MaskCache,
  ) {
    super(ring, id, chunk, layout);
  }

  /** The whole value of a free field, for one block, into `out` (scratch). */
  free(field: Field, out: Words, block: Block): void {
    const offset = fieldOffset(field, this.chunk.start + block.start);
    const how = field.xor ? 'xor' : 'add';
    this.streams.forEach((stream, rank) => {
      if (rank === 0) stream.fill(out, this.id, field.index, offset);
      else stream.into(out, how, this.id, field.index, offset);
    });
  }

  /** The whole value of a free field, for one block, in scratch. */
  freeInScratch(field: Field, block: Block): Words {
    const out = this.room(field, block);
    this.free(field, out, block);
    return out;
  }

  /** One party's share of a free field, for one block, into `out` (scratch). */
  part(field: Field, rank: number, out: Words, block: Block): void {
    this.streams[rank].fill(out, this.id, field.index, fieldOffset(field, this.chunk.start + block.start));
  }

  /** Deals `value` (a block, in scratch; overwritten): what is left after the shares of all parties but the last. */
  deal(field: Field, value: Words, block: Block): void {
    const offset = fieldOffset(field, this.chunk.start + block.start);
    const how = field.halves > 0 ? 'subtractHalves' : field.xor ? 'xor' : 'subtract';
    for (const stream of this.dealtStreams) stream.into(value, how, this.id, field.index, offset);
    this.corrections.set(
      value,
      this.layout.correctionOffset(field, this.n) + fieldOffset(field, block.start),
    );
  }

  /**
   * A mask that an earlier operation made, after its views; with weights, the sum of its holders' parts times theirs.
   * Not to be changed; hand it to `release` after use.
   */
  mask(ref: MaskRef, weights?: readonly bigint[]): Words {
    const base = this.masks.get(ref, weights) ?? this.#expand(ref, weights);
    const seen = applyViews(this.ring, base, ref.views);
    if (seen !== base) this.release(base);
    return seen;
  }

  /** Gives the words of a mask or of a product back to the pool, unless they are kept for later. */
  release(words: Words): void {
    if (!this.masks.holds(words)) this.pool.give(words);
  }

  /** One block of a mask that is not a view, or of its holders' parts times their weights, into `out` (scratch). */
  maskBlock(ref: MaskRef, out: Words, start: number, weights?: readonly bigint[]): void {
    let empty = true;
    ref.holders.forEach((rank, i) => {
      const weight = weights ? weights[i] : 1n;
      if (weight === 0n) return;
      if (!empty) this.streams[rank].addTo(out, weight, ref.id, MASK_FIELD, start);
      else {
        this.streams[rank].fill(out, ref.id, MASK_FIELD, start);
        if (weight !== 1n) this.ring.mulScalar(out, out, weight);
      }
      empty = false;
    });
    if (empty) out.fill(0n);
  }

  /** Elements `start` (a multiple of 8) to `start` + n - 1 of a mask that is not a view. Hand it to `release` after use. */
  maskPart(ref: MaskRef, start: number, n: number, weights?: readonly bigint[]): Words {
    const words = this.pool.take(n);
    for (const block of blocksOf(n)) {
      const mark = this.scratch.mark();
      const part = this.scratch.words(block.length);
      this.maskBlock(ref, part, start + block.start, weights);
      words.set(part, block.start);
      this.scratch.release(mark);
    }
    return words;
  }

  #expand(ref: MaskRef, weights: readonly bigint[] | undefined): Words {
    const words = this.maskPart(ref, 0, ref.n, weights);
    this.masks.offer(ref, words, weights);
    return words;
  }
}

/** The field in which an operation that masks a tensor has its mask. */
export const MASK_FIELD = 0;
