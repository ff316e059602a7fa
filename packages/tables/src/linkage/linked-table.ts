/** What a linkage gives: secret columns of both tables, and which rows are in both. */
import { ArgumentError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';

/** The secret columns that come from one of both tables. */
export class LinkedColumns {
  /**
   * Made by `linkTables`.
   * @param layout names of the columns, and how many numbers each has in a row
   * @param values all columns beside each other: [rows, numbers of a row]
   */
  constructor(
    readonly layout: readonly (readonly [name: string, width: number])[],
    readonly values: CrypTensor,
  ) {}

  /** Names of the columns, in their order. */
  get names(): readonly string[] {
    return this.layout.map(([name]) => name);
  }

  /**
   * One column. No round.
   * @param name its name
   * @returns [rows, numbers of a row]: a new tensor, of the caller's
   * @throws ArgumentError where there is no such column
   * @example const age = joined.left.column('age');
   */
  column(name: string): CrypTensor {
    let start = 0;
    for (const [own, width] of this.layout) {
      if (own === name) return this.values.narrow(1, start, width);
      start += width;
    }
    throw new ArgumentError(`there is no column '${name}', but ${this.names.join(', ') || 'none at all'}`);
  }
}

/** Two tables, joined by secret keys. */
export class LinkedTable {
  /**
   * Made by `linkTables`.
   * @param rowsOf the table whose rows these are
   * @param matched [rows]: 1 where the other table has a row of the same key, 0 elsewhere
   * @param left columns of the left table
   * @param right columns of the right table
   * @param matches how many rows matched, where that was asked for and this party is told
   */
  constructor(
    readonly rowsOf: 'left' | 'right',
    readonly matched: CrypTensor,
    readonly left: LinkedColumns,
    readonly right: LinkedColumns,
    readonly matches: number | undefined,
  ) {}

  /** Number of rows. */
  get rows(): number {
    return this.matched.shape[0];
  }

  /** Frees all columns. */
  dispose(): void {
    this.matched.dispose();
    this.left.values.dispose();
    this.right.values.dispose();
  }
  /** As `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
