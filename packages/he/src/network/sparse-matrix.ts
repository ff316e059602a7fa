/** Sparse real matrices in compressed rows: what every linear part of a network is brought to. */

export class SparseMatrix {
  /**
   * @param rows number of rows
   * @param columns number of columns
   * @param rowStart length rows + 1; row r holds the entries rowStart[r] up to rowStart[r + 1]
   * @param columnIndex column of every entry, ascending within a row
   * @param values value of every entry
   */
  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly rowStart: Int32Array,
    readonly columnIndex: Int32Array,
    readonly values: Float64Array,
  ) {}

  get entries(): number {
    return this.values.length;
  }

  /**
   * Rows given as lists of [column, value]; equal columns are added up, zeros are dropped.
   * @param columns number of columns
   * @param rows entries of each row
   * @returns the matrix
   */
  static fromRows(columns: number, rows: Iterable<Iterable<readonly [number, number]>>): SparseMatrix {
    const builder = new SparseRows(columns);
    for (const row of rows) {
      for (const [column, value] of row) builder.add(column, value);
      builder.endRow();
    }
    return builder.finish();
  }

  /**
   * The matrix that changes nothing.
   * @param size rows and columns
   * @returns ones on the diagonal
   */
  static identity(size: number): SparseMatrix {
    const index = Int32Array.from({ length: size }, (_, i) => i);
    const starts = Int32Array.from({ length: size + 1 }, (_, i) => i);
    return new SparseMatrix(size, size, starts, index, new Float64Array(size).fill(1));
  }

  /**
   * What does not depend on the input.
   * @param rows number of rows
   * @param columns number of columns
   * @returns a matrix without entries
   */
  static zeros(rows: number, columns: number): SparseMatrix {
    return new SparseMatrix(rows, columns, new Int32Array(rows + 1), new Int32Array(0), new Float64Array(0));
  }

  /**
   * The rows of all matrices, one matrix after the other.
   * @param matrices all with the same number of columns
   * @returns a matrix with all rows
   */
  static stacked(matrices: readonly SparseMatrix[]): SparseMatrix {
    const builder = new SparseRows(matrices[0]?.columns ?? 0);
    for (const matrix of matrices)
      for (let r = 0; r < matrix.rows; r++) {
        matrix.forRow(r, (column, value) => builder.add(column, value));
        builder.endRow();
      }
    return builder.finish();
  }

  /**
   * Row r is row source[r] of `matrix`, times scale[r]; a negative source is a row of zeros.
   * @param matrix where rows are taken from
   * @param source number of a row, for each row of the result
   * @param scale factor of each row of the result; left out: 1
   * @returns a new matrix
   */
  static selectRows(
    matrix: SparseMatrix,
    source: ArrayLike<number>,
    scale?: ArrayLike<number>,
  ): SparseMatrix {
    const builder = new SparseRows(matrix.columns);
    for (let r = 0; r < source.length; r++) {
      const from = source[r] as number;
      if (from >= 0) matrix.forRow(from, (column, value) => builder.add(column, value * (scale?.[r] ?? 1)));
      builder.endRow();
    }
    return builder.finish();
  }

  /**
   * The entries of a row.
   * @param row number of the row
   * @param visit called with column and value of each entry, by ascending column
   */
  forRow(row: number, visit: (column: number, value: number) => void): void {
    const end = this.rowStart[row + 1] as number;
    for (let k = this.rowStart[row] as number; k < end; k++)
      visit(this.columnIndex[k] as number, this.values[k] as number);
  }

  /**
   * this · right.
   * @param right as many rows as this has columns
   * @returns the product
   */
  multiply(right: SparseMatrix): SparseMatrix {
    const builder = new SparseRows(right.columns);
    for (let r = 0; r < this.rows; r++) {
      this.forRow(r, (k, value) => {
        right.forRow(k, (column, other) => builder.add(column, value * other));
      });
      builder.endRow();
    }
    return builder.finish();
  }

  /**
   * this · vector + bias.
   * @param vector as many numbers as this has columns
   * @param bias one for each row; left out: 0
   * @returns a number for each row
   */
  apply(vector: ArrayLike<number>, bias?: ArrayLike<number>): Float64Array {
    const out = new Float64Array(this.rows);
    for (let r = 0; r < this.rows; r++) {
      let sum = bias?.[r] ?? 0;
      const end = this.rowStart[r + 1] as number;
      for (let k = this.rowStart[r] as number; k < end; k++)
        sum += (this.values[k] as number) * (vector[this.columnIndex[k] as number] as number);
      out[r] = sum;
    }
    return out;
  }

  /**
   * this + other, of the same shape.
   * @param other matrix of the same size
   * @returns the sum
   */
  add(other: SparseMatrix): SparseMatrix {
    const builder = new SparseRows(this.columns);
    for (let r = 0; r < this.rows; r++) {
      this.forRow(r, (column, value) => builder.add(column, value));
      other.forRow(r, (column, value) => builder.add(column, value));
      builder.endRow();
    }
    return builder.finish();
  }

  /**
   * Every entry times a factor.
   * @param factor any number
   * @returns a new matrix with the same places
   */
  scaled(factor: number): SparseMatrix {
    return new SparseMatrix(
      this.rows,
      this.columns,
      this.rowStart,
      this.columnIndex,
      this.values.map((value) => value * factor),
    );
  }
}

/** Gathers a matrix row by row; a dense accumulator adds up equal columns. */
export class SparseRows {
  private readonly sums: Float64Array;
  private readonly seen: Uint8Array;
  private touched: number[] = [];
  private readonly starts: number[] = [0];
  private columnIndex = new Int32Array(1024);
  private values = new Float64Array(1024);
  private size = 0;

  constructor(private readonly columns: number) {
    this.sums = new Float64Array(columns);
    this.seen = new Uint8Array(columns);
  }

  add(column: number, value: number): void {
    if (this.seen[column] === 0) {
      this.seen[column] = 1;
      this.touched.push(column);
    }
    this.sums[column] = (this.sums[column] as number) + value;
  }

  endRow(): void {
    this.touched.sort((a, b) => a - b);
    for (const column of this.touched) {
      const value = this.sums[column] as number;
      this.sums[column] = 0;
      this.seen[column] = 0;
      if (value !== 0) this.push(column, value);
    }
    this.touched = [];
    this.starts.push(this.size);
  }

  finish(): SparseMatrix {
    return new SparseMatrix(
      this.starts.length - 1,
      this.columns,
      Int32Array.from(this.starts),
      this.columnIndex.slice(0, this.size),
      this.values.slice(0, this.size),
    );
  }

  private push(column: number, value: number): void {
    if (this.size === this.values.length) {
      const columnIndex = new Int32Array(this.size * 2);
      columnIndex.set(this.columnIndex);
      const values = new Float64Array(this.size * 2);
      values.set(this.values);
      this.columnIndex = columnIndex;
      this.values = values;
    }
    this.columnIndex[this.size] = column;
    this.values[this.size] = value;
    this.size++;
  }
}
