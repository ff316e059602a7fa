/** Settings that all parties and the dealer must share. */
import { planTree, type TreeChoice, treeFor } from '../trees/tree-plan.js';
import { ConfigError } from './errors.js';
import { BLOCK, DEFAULT_CHUNK } from './layout.js';
import type { PrgRounds } from './prg.js';

export interface ProtocolConfig {
  /**
   * Fractional bits of fixed-point values, 1 to 25 (26 between an odd number of parties). Default 16. A product of two secrets has twice as many before it is
   * truncated, so they cost its range twice: products are right below 2^(62 - 2 fractionBits) between an odd number of
   * parties, and half of that between an even one (16: 2^29). A narrower `window` takes away from that where it bounds
   * truncations. Less than 2^10 is refused.
   */
  readonly fractionBits: number;
  /**
   * Window of comparisons and truncations in bits. Default 64, safe for every value below 2^62 (for products of two
   * secrets between an even number of parties below 2^61). Two parties truncate any such value, whatever the window,
   * unless more than 32 bits are dropped or the truncation is 'exact'.
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

/** Fewer bits of range than that would not hold the products of small integers. */
const LEAST_RANGE = 10;

/** What bounds values at product scale when they are truncated. */
const truncationBits = (parties: number, { window, truncation }: ProtocolConfig): number =>
  parties === 2 && truncation === 'probabilistic' ? 64 : window;

/**
 * The range of a product of two secrets that is truncated.
 * @param parties how many compute
 * @param config their settings
 * @returns r, where products must stay below 2^r
 */
export const productRange = (parties: number, config: ProtocolConfig): number =>
  truncationBits(parties, config) - 2 - 2 * config.fractionBits - (parties % 2 === 0 ? 1 : 0);

/**
 * Refuses settings that cannot work.
 * @param parties how many compute
 * @param c their settings
 * @throws ConfigError that says which and why
 */
export function checkConfig(parties: number, c: ProtocolConfig): void {
  const fail = (what: string): never => {
    throw new ConfigError(what);
  };
  const whole = (v: number, low: number, high: number) => Number.isInteger(v) && v >= low && v <= high;
  if (!whole(parties, 2, 64)) fail(`a computation has 2 to 64 parties, not ${parties}`);
  if (!whole(c.window, 8, 64)) fail(`the window must be 8 to 64 bits, not ${c.window}`);
  if (!whole(c.fractionBits, 1, 64)) fail(`fractionBits must be a whole number, not ${c.fractionBits}`);
  const range = productRange(parties, c);
  if (range < LEAST_RANGE)
    fail(
      `fractionBits ${c.fractionBits} leave products of two values a range of ${range < 0 ? 0 : `2^${range}`} in ` +
        `${truncationBits(parties, c)} bits, and at least 2^${LEAST_RANGE} is needed: ` +
        `choose fewer fractionBits${truncationBits(parties, c) < 64 ? ' or a wider window' : ''}`,
    );
  if (![12, 20].includes(c.prgRounds)) fail(`prgRounds must be 12 or 20, not ${c.prgRounds}`);
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

/**
 * The same settings with the tree's in one order: descriptors are compared as text.
 * @param config settings
 * @returns equal settings that are written alike
 */
export function canonicalConfig(config: ProtocolConfig): ProtocolConfig {
  const { tree, ...rest } = config;
  if (tree === 'by-size') return { ...rest, tree };
  const { w, chunks, arity } = tree;
  return { ...rest, tree: { w, chunks, arity } };
}

const describeTree = (tree: TreeChoice): string =>
  tree === 'by-size' ? tree : `${tree.w ?? ''}/${tree.chunks ?? ''}/${tree.arity}`;

/**
 * One line that is equal for equal settings. Its first word changes with what parties and dealer send each other: two
 * releases that would misread one another do not start.
 * @param parties how many compute
 * @param dealer name of the source of correlated randomness
 * @param c settings
 * @returns the line
 */
export const describeConfig = (parties: number, dealer: string, c: ProtocolConfig): string =>
  `tacit/3 parties=${parties} dealer=${dealer} f=${c.fractionBits} window=${c.window} tree=${describeTree(c.tree)} prg=chacha${c.prgRounds} chunk=${c.chunk} trunc=${c.truncation}`;
