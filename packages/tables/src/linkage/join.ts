/**
 * Private record linkage: a left join of two tables of two parties, without anyone learning which rows have a partner.
 *
 * Keys are hashed (hashed-keys.ts) and put in bins (bin-plan.ts, placement.ts), which each owner does by itself. In private,
 * each row is compared with the candidates of its bin, and the bits say which candidate's columns it gets. Bins that no row
 * is in are dropped behind a shuffle.
 *
 * What is told: the sizes, names and kinds of `PublicTable`, and, where bins were hashed, which of the shuffled bins hold a
 * row: a uniform set of known size, or, for order 'kept', where which row is, a uniform arrangement; the number of matches
 * where it was asked for. So a simulator needs the sizes only.
 *
 * Rounds: one for the announcement, those of an equality (4, or 3 with few comparisons), one of a product where the other
 * table has columns; where rows are mixed, one a party; where bins were hashed, one for what they hold.
 */
import { ArgumentError } from '@tacit/errors';
import type { Secret } from '@tacit/mpc';
import { broadcastTo, slice, type Words } from '@tacit/ring';
import { CrypTensor, FixedPoint, type Party } from '@tacit/tensor';
import { type BinPlan, CHOICES, planBins } from './bin-plan.js';
import { LinkPlacementError } from './errors.js';
import { hashKey } from './hashed-keys.js';
import { placeCandidates, placeRows } from './placement.js';
import { type OwnTable, type PublicTable, widthOf } from './table.js';

/** A table, as this party knows it. */
export interface Side {
  readonly src: number;
  readonly told: PublicTable;
  readonly own: OwnTable | undefined;
}

/** What a join gives: [rows], and [rows, numbers of a row] of either table. */
export interface Joined {
  readonly matched: CrypTensor;
  readonly rows: CrypTensor;
  readonly others: CrypTensor;
}

/** Bits of the words that are compared, where the session has room for them. */
const MOST_BITS = 62;
/** Bits of the least chance that two different keys are taken for one, which is not accepted any more. */
const FEWEST_SPARE_BITS = 20;
/** What stands in for rows where a bin has none: no hash, and never equal. */
const NO_ROW = 2n ** 64n - 1n;
const NO_CANDIDATE = 2n ** 64n - 2n;

/**
 * The rows of one table with the columns of the other. All parties call it.
 * @param party this party
 * @param rows the table whose rows are kept
 * @param others the table whose rows are looked for
 * @param salt what hashes are salted with
 * @param hidden whether nobody is to know the order of the result
 * @returns secret columns, a row for each of `rows`
 * @throws ArgumentError where the session's window is too narrow; LinkPlacementError with a chance of 2^-40
 */
export async function joinRows(
  party: Party,
  rows: Side,
  others: Side,
  salt: Uint8Array,
  hidden: boolean,
): Promise<Joined> {
  const [n, m] = [rows.told.rows, others.told.rows];
  const [width, otherWidth] = [widthOf(rows.told), widthOf(others.told)];
  const bits = Math.min(MOST_BITS, party.engine.config.window - 2);
  if (n > 0 && m > 0 && bits - Math.log2(n) - Math.log2(m) < FEWEST_SPARE_BITS)
    throw new ArgumentError(
      `hashes of ${bits} bits do not tell the keys of ${n} and ${m} rows apart: open the session with a wider window`,
    );
  if (n === 0)
    return {
      matched: party.zeros([0]),
      rows: party.zeros([0, width]),
      others: party.zeros([0, otherWidth]),
    };
  const plan = planBins(n, m);
  const hashes = (own: OwnTable | undefined) =>
    own?.texts.map((text) =>
      hashKey(salt, text, { bits, bins: plan.bins, choices: plan.kind === 'all' ? 0 : CHOICES }),
    );
  const rowHashes = hashes(rows.own);
  const otherHashes = hashes(others.own);
  const rowIn =
    rowHashes && (plan.kind === 'all' ? Int32Array.from(rowHashes.keys()) : placeRows(rowHashes, plan.bins));
  const slots =
    otherHashes &&
    (plan.kind === 'all'
      ? Int32Array.from({ length: n * m }, (_, i) => i % m)
      : placeCandidates(otherHashes, plan));

  const parts = party.tidy(() => {
    const equal = equalities(party, plan, rows.src, others.src, {
      rows: rowIn && wordsOf(rowIn, (row) => rowHashes[row].word, NO_ROW),
      others: slots && wordsOf(slots, (row) => otherHashes[row].word, NO_CANDIDATE),
    });
    // Where the same key is in both tables, it is in one bin of one row, and there once.
    const matched = equal.sum(1, true);
    const columns = party.cryptensor(rowIn && spread(rows.own, rowIn, width), {
      src: rows.src,
      shape: [plan.bins, width],
    });
    const values = slots && spread(others.own, slots, otherWidth);
    const chosen = chosenBy(party, equal, values, others.src, [plan.bins, plan.capacity, otherWidth]);
    return { matched, columns, chosen };
  });
  return arranged(party, plan, rows, rowIn, hidden, [parts.matched, parts.columns, parts.chosen]);
}

/** [row = candidate] of each bin and each of its candidates, at scale 0. */
function equalities(
  { engine, context }: Party,
  { bins, capacity }: BinPlan,
  rowsOwner: number,
  othersOwner: number,
  words: { readonly rows?: Words; readonly others?: Words },
): CrypTensor {
  const rows = engine.input(rowsOwner, [bins, 1], words.rows, 0);
  const others = engine.input(othersOwner, [bins, capacity], words.others, 0);
  const repeated = engine.view(rows, broadcastTo([bins, 1], [bins, capacity]));
  const difference = engine.sub(repeated, others);
  const equal = engine.isZero(difference);
  for (const share of [rows, others, repeated, difference]) share.dispose();
  return new CrypTensor(new FixedPoint(context, equal, 0, context.precision.bounded(0)));
}

/** The columns of the candidate of each bin that bits choose; zeros where they choose none. */
function chosenBy(
  party: Party,
  bits: CrypTensor,
  values: Float64Array | undefined,
  src: number,
  shape: readonly [bins: number, capacity: number, width: number],
): CrypTensor {
  const [bins, capacity, width] = shape;
  if (width === 0 || capacity === 0) return party.zeros([bins, width]);
  const candidates = party.owned(values, { src, shape });
  const chosen = bits.reshape([bins, 1, capacity]).matmul(candidates).workingPrecision();
  // A product is issued at its first use, for which the candidates are needed.
  void chosen.share;
  candidates.dispose();
  return chosen.reshape([bins, width]);
}

/** The bins that hold rows, in their order or in one that nobody knows. Takes the parts over. */
async function arranged(
  party: Party,
  plan: BinPlan,
  rows: Side,
  rowIn: Int32Array | undefined,
  hidden: boolean,
  parts: readonly CrypTensor[],
): Promise<Joined> {
  const { engine, context } = party;
  const n = rows.told.rows;
  const made = (share: Secret, { value }: CrypTensor) =>
    new CrypTensor(new FixedPoint(context, share, value.scale, value.magnitude));
  if (plan.kind === 'all' && !hidden) {
    const [matched, ...columns] = parts;
    const flat = matched.reshape([n]);
    matched.dispose();
    return { matched: flat, rows: columns[0], others: columns[1] };
  }
  const hashed = plan.kind === 'hashed';
  // What is told of a bin: whether it holds a row, or which one.
  const tags = rowIn && wordsOf(rowIn, (row) => (hidden ? 1n : BigInt(row) + 1n), 0n);
  const tag = engine.input(rows.src, [plan.bins, 1], tags, 0);
  const joined = engine.concat([...(hashed ? [tag] : []), ...parts.map(({ share }) => share)], 1);
  const lanes = joined.reshaped([1, plan.bins, joined.shape[1]]);
  const mixed = engine.shuffle(lanes);
  for (const share of [tag, joined, lanes]) share.dispose();
  let ordered = mixed;
  if (hashed) {
    const column = engine.view(mixed, slice(mixed.shape, [undefined, undefined, { start: 0, stop: 1 }]));
    const told = await engine.reveal(column);
    column.dispose();
    ordered = engine.take(mixed, 1, placesOf(told, n, hidden));
    mixed.dispose();
  }
  let start = hashed ? 1 : 0;
  const [matched, own, others] = parts.map((part) => {
    const width = part.shape[1];
    const range = { start, stop: start + width };
    start += width;
    const view = engine.view(ordered, slice(ordered.shape, [undefined, undefined, range]));
    const share = view.reshaped(part === parts[0] ? [n] : [n, width]);
    view.dispose();
    const result = made(share, part);
    part.dispose();
    return result;
  });
  ordered.dispose();
  return { matched, rows: own, others };
}

/** Where the n rows are among the bins. */
function placesOf(told: ArrayLike<bigint> | undefined, n: number, hidden: boolean): number[] {
  if (!told) throw new Error('what bins hold was told to nobody');
  const places = Array.from({ length: told.length }, (_, bin) => bin).filter((bin) => told[bin] !== 0n);
  if (!hidden) places.sort((a, b) => Number(told[a] - told[b]));
  if (places.length !== n || places.some((bin, row) => told[bin] !== (hidden ? 1n : BigInt(row) + 1n)))
    throw new LinkPlacementError('the bins do not hold the rows of the table: its owner gave other ones');
  return places;
}

/** A word for each place: of its row, or of none. */
const wordsOf = (rows: Int32Array, word: (row: number) => bigint, none: bigint): Words =>
  BigUint64Array.from(Array.from(rows, (row) => (row < 0 ? none : word(row))));

/** The columns of rows at their places, zeros where there is no row. */
function spread(own: OwnTable | undefined, rows: Int32Array, width: number): Float64Array {
  const placed = new Float64Array(rows.length * width);
  if (own)
    rows.forEach((row, place) => {
      if (row >= 0) placed.set(own.values.subarray(row * width, (row + 1) * width), place * width);
    });
  return placed;
}
