/** A run of an operation's elements, as both halves of a protocol work through it: in blocks, with scratch for each. */
import type { Ring, Scratch, Words } from '@tacit/ring';
import { type Block, blocksOf, type Field, fieldWords, type Layout } from './layout.js';
import type { OpId } from './prg.js';

/** A run of the elements of an operation that is computed and sent on its own. */
export interface Chunk {
  /** undefined when the operation is not cut. */
  readonly index: number | undefined;
  readonly start: number;
  readonly n: number;
}

export abstract class ChunkOp {
  /** Elements of this chunk. */
  readonly n: number;

  constructor(
    readonly ring: Ring,
    readonly id: OpId,
    readonly chunk: Chunk,
    readonly layout: Layout,
  ) {
    this.n = chunk.n;
  }

  get scratch(): Scratch {
    return this.ring.scratch;
  }

  blocks(): Iterable<Block> {
    return blocksOf(this.n);
  }

  /** Calls `work` for each block, and gives back what it took of the scratch. */
  eachBlock(work: (block: Block) => void, blocks = this.blocks()): void {
    for (const block of blocks) {
      const mark = this.scratch.mark();
      work(block);
      this.scratch.release(mark);
    }
  }

  /** Scratch for a block of a field. */
  protected room(field: Field, block: Block): Words {
    return this.scratch.words(fieldWords(field, block.length));
  }
}
