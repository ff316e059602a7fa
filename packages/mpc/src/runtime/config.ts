/** Settings that all parties and the dealer must share. */
import { BT4, type TreeShape } from '../compare/tree.js';
import { DEFAULT_CHUNK } from './party-op.js';
import type { PrgRounds } from './prg.js';

export interface ProtocolConfig {
  /** Fractional bits of fixed-point values. Default 16. */
  readonly fractionBits: number;
  /** Window of comparisons and truncations in bits. Default 64, safe for every value below 2^62. */
  readonly window: number;
  /** Comparison tree. Default BT4; BT3 has fewer rounds and suits a network. */
  readonly tree: TreeShape;
  /** ChaCha rounds of the correlated randomness: 12, or 20 as the strict choice. */
  readonly prgRounds: PrgRounds;
  /** Elements of an elementwise operation that are computed and sent together. A multiple of 4096. */
  readonly chunk: number;
  /** 'exact' replaces every truncation by the exact floor: slower, for tests that compare bit by bit. */
  readonly truncation: 'probabilistic' | 'exact';
}

export const defaultConfig: ProtocolConfig = {
  fractionBits: 16,
  window: 64,
  tree: BT4,
  prgRounds: 12,
  chunk: DEFAULT_CHUNK,
  truncation: 'probabilistic',
};

/** One line that is equal for equal settings. */
export const describeConfig = (parties: number, c: ProtocolConfig): string =>
  `tacit/v1 parties=${parties} f=${c.fractionBits} window=${c.window} tree=${c.tree.w ?? ''}/${c.tree.chunks ?? ''}/${c.tree.arity} prg=chacha${c.prgRounds} chunk=${c.chunk} trunc=${c.truncation}`;
