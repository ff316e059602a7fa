/** Blocks of operations that hold many words an element at once, so that they fit into caches and scratch. */
import type { Block } from '../runtime/layout.js';

/** Elements that are processed at once: 8 KiB a word. It divides the blocks of openings, and streams start at it. */
const BIT_BLOCK = 1024;

export function* bitBlocks(n: number): Generator<Block> {
  for (let start = 0; start < n; start += BIT_BLOCK) yield { start, length: Math.min(BIT_BLOCK, n - start) };
}
