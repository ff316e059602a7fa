/** Joins tables of two parties in private: who gives what, and what comes out. The protocol is in join.ts. */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { Party } from '@tacit/tensor';
import { joinRows, type Side } from './join.js';
import { LinkedColumns, LinkedTable } from './linked-table.js';
import { checkKinds, checkTable, type LinkTable, type PublicTable, readTable } from './table.js';

/** Two tables of different parties. */
export interface LinkTables {
  readonly left: LinkTable;
  readonly right: LinkTable;
}

/** How tables are joined, and what is told of it. */
export interface LinkOptions {
  /** The table whose rows the result has, all of them. Default 'smaller': of two of one size the left one. */
  readonly rowsOf?: 'left' | 'right' | 'smaller';
  /** 'hidden' (the default): rows in an order that nobody knows. 'kept': that of their table. */
  readonly order?: 'hidden' | 'kept';
  /** Who is told how many rows matched: 'all' or a rank. Default nobody. */
  readonly reveal?: { readonly matches?: 'all' | number };
}

/** Bytes of each owner's half of the salt. */
const SALT_BYTES = 16;
/**
 * Joins the tables of two parties by their keys, in private. The result has all rows of one table, with the columns of both
 * and a secret column of zeros and ones that says which rows have a partner in the other table; where there is none, the
 * other's columns are zeros. Losses times `matched` train on common rows only.
 *
 * Each party learns how many rows both tables have, names and widths of their columns, and whether keys are numbers or
 * text; nothing else, unless `reveal` asks for the number of matches. Two different keys are taken for one with a chance of
 * at most left rows times right rows times 2^-62.
 *
 * All parties call it; parties beside both owners may take part.
 * @param party this party
 * @param tables the tables: keys and columns at their owners, ranks everywhere
 * @param options whose rows, in what order, and what is told; the same at all parties
 * @returns the joined table: handles to secrets
 * @throws LinkKeyError at the owner where a key is missing, there twice, or neither a number nor text; everywhere where the
 * keys of both are of different kinds
 * @throws ArgumentError for options or parties that do not exist; ShapeError and EncodeRangeError for columns that do not fit
 * @throws LinkPlacementError with a chance of 2^-40
 * @example
 * const joined = await linkTables(party, {
 *   left: { src: 0, keys: emails, columns: { age, income } },
 *   right: { src: 1, keys: theirEmails, columns: { bought } },
 * });
 */
export async function linkTables(
  party: Party,
  tables: LinkTables,
  options: LinkOptions = {},
): Promise<LinkedTable> {
  const { rowsOf, hidden, toldTo } = checked(party, tables, options);
  const sides = ['left', 'right'] as const;
  const own = sides.map((which) => {
    if (party.rank !== tables[which].src) return undefined;
    const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
    return readTable(which, tables[which], salt, party.context.precision.range);
  });
  const [left, right] = await Promise.all(
    sides.map((which, i) => party.announce<PublicTable>(own[i]?.told, { src: tables[which].src })),
  );
  checkKinds(left, right);
  const keeper = rowsOf === 'smaller' ? (right.rows < left.rows ? 'right' : 'left') : rowsOf;
  const side = (which: 'left' | 'right'): Side => {
    const i = sides.indexOf(which);
    return { src: tables[which].src, told: [left, right][i], own: own[i] };
  };
  const salt = concatBytes(hexToBytes(left.salt), hexToBytes(right.salt));
  const [rows, others] = keeper === 'left' ? [side('left'), side('right')] : [side('right'), side('left')];
  const joined = await joinRows(party, rows, others, salt, hidden);
  const count = party.tidy(() => joined.matched.sum());
  const matches =
    toldTo === undefined ? undefined : await count.reveal(toldTo === 'all' ? {} : { to: toldTo });
  count.dispose();
  const columns = [
    new LinkedColumns(rows.told.columns, joined.rows),
    new LinkedColumns(others.told.columns, joined.others),
  ];
  const [ofLeft, ofRight] = keeper === 'left' ? columns : columns.reverse();
  const number = matches && Number(matches.data[0]);
  return new LinkedTable(keeper, joined.matched, ofLeft, ofRight, number);
}

function checked(party: Party, tables: LinkTables, options: LinkOptions) {
  if (typeof tables !== 'object' || tables === null) throw new ArgumentError('linkTables takes two tables');
  checkOptions('linkTables', tables, ['left', 'right']);
  checkOptions('linkTables', options, ['rowsOf', 'order', 'reveal']);
  const { rowsOf = 'smaller', order = 'hidden', reveal = {} } = options;
  checkOptions('reveal', reveal, ['matches']);
  for (const which of ['left', 'right'] as const) checkTable(which, tables[which]);
  const ranks = [tables.left.src, tables.right.src];
  const isRank = (rank: unknown) =>
    Number.isInteger(rank) && Number(rank) >= 0 && Number(rank) < party.worldSize;
  for (const rank of ranks)
    if (!isRank(rank))
      throw new ArgumentError(`party ${rank} does not exist: ranks are 0 to ${party.worldSize - 1}`);
  if (ranks[0] === ranks[1])
    throw new ArgumentError(`both tables are of party ${ranks[0]}: what one party has, it joins by itself`);
  if (!['left', 'right', 'smaller'].includes(rowsOf))
    throw new ArgumentError(`rowsOf is 'left', 'right' or 'smaller', not '${String(rowsOf)}'`);
  if (order !== 'hidden' && order !== 'kept')
    throw new ArgumentError(`order is 'hidden' or 'kept', not '${String(order)}'`);
  const { matches: toldTo } = reveal;
  if (toldTo !== undefined && toldTo !== 'all' && !isRank(toldTo))
    throw new ArgumentError(`reveal.matches is 'all' or a rank, not ${String(toldTo)}`);
  return { rowsOf, hidden: order === 'hidden', toldTo };
}
