/** Settings that all parties and the dealer must share. */
import { planTree, type TreeChoice, treeFor } from '../compare/tree.js';
import { ConfigError } from './errors.js';
import { BLOCK } from './layout.js';
import { DEFAULT_CHUNK } from './party-op.js';
import type { PrgRounds } from './prg.js';

export interface ProtocolConfig {
  /** Fractional bits of fixed-point values. Default 16. */
  readonly fractionBits: number;
  /**
   * Window of comparisons and truncations in bits. Default 64, safe for every value below 2^62 (for products of two
   * secrets between an even number of parties below 2^61). Two parties truncate any such value, whatever the window.
   */
  readonly window: number;
  /**
   * Comparison tree. Default 'by-size': BT3 for operations of few elements, BT4 for others (treeFor). BT3 for all has
   * fewer rounds and suits a network; BT4 for all has the least bytes from the dealer.
   */
  readonly tree: TreeChoice;
  /** ChaCha rounds of the correlated randomness: 12, or 20 as the strict choice. */
  readonly prgRounds: PrgRounds;
  /** Elements of an elementwise operation that are computed and sent together. A multiple of 8192. */
  readonly chunk: number;
  /** 'exact' replaces every truncation by the exact floor: slower, for tests that compare bit by bit. */
  readonly truncation: 'probabilistic' | 'exact';
}

export const defaultConfig: ProtocolConfig = {
  fractionBits: 16,
  window: 64,
  tree: 'by-size',
  prgRounds: 12,
  chunk: DEFAULT_CHUNK,
  truncation: 'probabilistic',
};

/** Throws ConfigError where a setting cannot work. */
export function checkConfig(parties: number, c: ProtocolConfig): void {
  const fail = (what: string): never => {
    throw new ConfigError(what);
  };
  const whole = (v: number, low: number, high: number) => Number.isInteger(v) && v >= low && v <= high;
  if (!whole(parties, 2, 64)) fail(`a computation has 2 to 64 parties, not ${parties}`);
  if (!whole(c.window, 8, 64)) fail(`the window must be 8 to 64 bits, not ${c.window}`);
  if (!whole(c.fractionBits, 1, 30)) fail(`fractionBits must be 1 to 30, not ${c.fractionBits}`);
  if (![8, 12, 20].includes(c.prgRounds)) fail(`prgRounds must be 8, 12 or 20, not ${c.prgRounds}`);
  if (!whole(c.chunk, BLOCK, 2 ** 30) || c.chunk % BLOCK !== 0)
    fail(`chunk must be a multiple of ${BLOCK}, not ${c.chunk}`);
  if (c.truncation !== 'probabilistic' && c.truncation !== 'exact')
    fail(`truncation must be 'probabilistic' or 'exact', not '${c.truncation}'`);
  if (typeof c.tree === 'string' && c.tree !== 'by-size')
    fail(`tree must be a shape or 'by-size', not '${c.tree}'`);
  try {
    planTree(c.window - 1, treeFor(c.tree, 0, c.window - 1));
  } catch (error) {
    fail((error as Error).message);
  }
}

/** The same settings with the tree's in one order: descriptors are compared as text. */
export function canonicalConfig({ tree, ...rest }: ProtocolConfig): ProtocolConfig {
  if (tree === 'by-size') return { ...rest, tree };
  const { w, chunks, arity } = tree;
  return { ...rest, tree: { w, chunks, arity } };
}

const describeTree = (tree: TreeChoice): string =>
  tree === 'by-size' ? tree : `${tree.w ?? ''}/${tree.chunks ?? ''}/${tree.arity}`;

/**
 * One line that is equal for equal settings. Its first word changes with what parties and dealer send each other: two
 * releases that would misread one another do not start.
 */
export const describeConfig = (parties: number, dealer: string, c: ProtocolConfig): string =>
  `tacit/3 parties=${parties} dealer=${dealer} f=${c.fractionBits} window=${c.window} tree=${describeTree(c.tree)} prg=chacha${c.prgRounds} chunk=${c.chunk} trunc=${c.truncation}`;
