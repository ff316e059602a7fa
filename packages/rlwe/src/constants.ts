// Linear combinations of ciphertexts with real constants, the same constant in all slots: matrix products where each slot
// holds an example of its own.
import type { Core } from './core.js';
import { integerOf } from './encoder.js';
import { RlweArgumentError, RlweLevelError } from './errors.js';
import { Ciphertext, Handle } from './handles.js';
import { residueOf } from './number-theory.js';
import { checkScales } from './scales.js';

/** A sparse real matrix by rows. */
export interface ConstantRows {
  readonly columns: number;
  readonly rows: readonly { readonly columns: Int32Array; readonly values: Float64Array }[];
}

/** Constants encoded for `combine`. Terms that round to zero are left out. Not freed by scopes. */
export class EncodedConstants extends Handle {
  readonly level: number;
  readonly scale: number;
  readonly columns: number;
  readonly rows: number;
  /** Terms of row r are those from starts[r] to starts[r + 1]. @internal */
  readonly starts: Uint32Array;
  /** Column of each term. @internal */
  readonly termColumns: Uint32Array;
  /** Addresses of the constants in Montgomery form, one array a prime. @internal */
  readonly weights: readonly number[];

  /** @internal */
  constructor(core: Core, matrix: ConstantRows, scale: number, level: number) {
    super(core);
    core.checkLevel('encodeConstants', level);
    if (!(Number.isFinite(scale) && scale > 0))
      throw new RlweArgumentError(`encodeConstants: scale ${scale}`);
    const starts = new Uint32Array(matrix.rows.length + 1);
    const columns: number[] = [];
    const integers: number[] = [];
    for (const [r, row] of matrix.rows.entries()) {
      if (row.columns.length !== row.values.length)
        throw new RlweArgumentError(
          `encodeConstants: row ${r} has ${row.columns.length} columns and ${row.values.length} values`,
        );
      for (const [k, column] of row.columns.entries()) {
        if (column < 0 || column >= matrix.columns)
          throw new RlweArgumentError(
            `encodeConstants: row ${r} names column ${column} of ${matrix.columns}`,
          );
        const integer = Number(integerOf('encodeConstants', row.values[k], scale));
        if (integer === 0) continue;
        columns.push(column);
        integers.push(integer);
      }
      starts[r + 1] = columns.length;
    }
    this.level = level;
    this.scale = scale;
    this.columns = matrix.columns;
    this.rows = matrix.rows.length;
    this.starts = starts;
    this.termColumns = Uint32Array.from(columns);
    const weights: number[] = [];
    this.weights = weights;
    try {
      for (let i = 0; i < level; i++) {
        weights.push(core.memory.takeBlock(columns.length * 4));
        writeWeights(core, weights[i], integers, i);
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Number of constants that are not zero. */
  get terms(): number {
    return this.termColumns.length;
  }

  /** Bytes of kernel memory that it takes. */
  get bytes(): number {
    return this.weights.length * this.terms * 4;
  }

  protected override giveBack(): void {
    for (const at of this.weights) this.core.memory.giveBlock(at, this.terms * 4);
  }
}

/** Constants times 2^32 modulo a prime. Most are small, and then doubles do. */
function writeWeights(core: Core, at: number, integers: readonly number[], prime: number): void {
  const { q, radix } = core.moduli[prime];
  const words = core.memory.words;
  const high = radix.value >>> 15;
  const low = radix.value & 0x7fff;
  for (const [t, integer] of integers.entries()) {
    const remainder = Number.isSafeInteger(integer) ? integer % q : residueOf(BigInt(integer), q);
    // |remainder| and the radix are below 2^30: two products of at most 45 bits.
    const product = ((((remainder * high) % q) * 0x8000) % q) + ((remainder * low) % q);
    words[at / 4 + t] = ((product % q) + q) % q;
  }
}

/** Input blocks should stay in the second-level cache. */
const SCRATCH_BYTES = 512 << 10;

/** Bytes in a block of coefficients, as a power of two, for so many inputs. */
function blockBits(width: number): number {
  if (width * 256 <= SCRATCH_BYTES) return 8;
  return width * 128 <= SCRATCH_BYTES ? 7 : 6;
}

/**
 * Rows firstRow to lastRow - 1 of the product. Inputs that these rows do not name may be undefined. A row without terms
 * is zero, in both polynomials: it depends on no input, so there is nothing to hide.
 */
export function combine(
  core: Core,
  inputs: readonly (Ciphertext | undefined)[],
  constants: EncodedConstants,
  firstRow: number,
  lastRow: number,
): Ciphertext[] {
  const { starts, termColumns, level } = constants;
  if (inputs.length !== constants.columns)
    throw new RlweArgumentError(`combine: ${inputs.length} inputs instead of ${constants.columns}`);
  if (
    !Number.isInteger(firstRow) ||
    !Number.isInteger(lastRow) ||
    firstRow < 0 ||
    firstRow >= lastRow ||
    lastRow > constants.rows
  )
    throw new RlweArgumentError(`combine: rows ${firstRow} to ${lastRow} of ${constants.rows}`);
  const first = starts[firstRow];
  const terms = termColumns.subarray(first, starts[lastRow]);
  const { used, places } = usedInputs(core, inputs, terms, level);
  const pattern = used[0] ?? inputs.find((input) => input !== undefined);
  if (!pattern) throw new RlweArgumentError('combine: at least one input is needed');
  core.check('combine', pattern);
  const scale = core.checkRoom('combine', pattern.scale * constants.scale, level);
  const { size } = pattern;
  const results: Ciphertext[] = [];
  for (let row = firstRow; row < lastRow; row++) results.push(new Ciphertext(core, size, level, scale));
  if (used.length === 0) {
    for (const { polynomials } of results) core.zero(polynomials);
    return results;
  }

  const rows = results.length;
  const { memory, kernels, n, moduli } = core;
  const bits = blockBits(used.length);
  const tables = 4 * (rows + used.length + (rows + 1) + terms.length);
  memory.withBlock(tables, (outputTable) =>
    memory.withBlock(used.length << bits, (scratch) => {
      const inputTable = outputTable + 4 * rows;
      const startTable = inputTable + 4 * used.length;
      const columnTable = startTable + 4 * (rows + 1);
      const words = memory.words;
      for (let r = 0; r <= rows; r++) words[startTable / 4 + r] = starts[firstRow + r] - first;
      for (const [t, column] of terms.entries()) words[columnTable / 4 + t] = places[column];
      for (let p = 0; p < size; p++)
        for (let i = 0; i < level; i++) {
          for (const [r, result] of results.entries()) words[outputTable / 4 + r] = result.polynomials[p][i];
          for (const [e, input] of used.entries()) words[inputTable / 4 + e] = input.polynomials[p][i];
          kernels.combineRows(
            outputTable,
            rows,
            inputTable,
            used.length,
            startTable,
            columnTable,
            constants.weights[i] + 4 * first,
            n,
            moduli[i].q,
            moduli[i].montgomery,
            scratch,
            bits,
          );
        }
    }),
  );
  return results;
}

/** The inputs that the terms name, each once, and the place of each column among them. */
function usedInputs(
  core: Core,
  inputs: readonly (Ciphertext | undefined)[],
  terms: Uint32Array,
  level: number,
): { used: Ciphertext[]; places: Int32Array } {
  const places = new Int32Array(inputs.length).fill(-1);
  const used: Ciphertext[] = [];
  for (const column of terms) {
    if (places[column] >= 0) continue;
    const input = inputs[column];
    if (!input) throw new RlweArgumentError(`combine: input ${column} is missing, but these rows need it`);
    core.check('combine', input);
    if (input.level !== level)
      throw new RlweLevelError(
        `combine: input ${column} has level ${input.level}, the constants were encoded for ${level}`,
      );
    if (used.length > 0) {
      core.checkSize('combine', input, used[0].size);
      checkScales('combine', used[0].scale, input.scale);
    }
    places[column] = used.push(input) - 1;
  }
  return { used, places };
}
