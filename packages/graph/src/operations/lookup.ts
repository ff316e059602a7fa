/** Rows of a table at private places: a product of one-hot rows with the table. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { hullOver, type Interval } from '../plain/interval.js';
import { map, type PlainTensor } from '../plain/plain-tensor.js';
import { mayEqual, show, sizeOf } from '../shape/dims.js';
import { placeOf } from './one-hot.js';
import { multiplyInto } from './shared/multiply-into.js';
import { shapeOfOperand } from './shared/operand-shape.js';

interface LookupAttributes {
  /** Whether places are given by one-hot rows, the last axis of which is as long as the first one of the table. */
  readonly oneHot: boolean;
}

/** How places are told. */
export interface LookupOptions {
  /** Whether they are one-hot rows and not indices. Default: where the last axis is as long as the table's first. */
  readonly oneHot?: boolean;
}

export const definition: OperationDefinition<'Lookup', LookupAttributes> = {
  op: 'Lookup',
  summary: 'rows of a table at private places: indices, or one-hot rows',
  attributes: { oneHot: 'bool' },
  arity: [2, 2],
  factors: [0],
  infer([table, index], { oneHot }) {
    const [rows, ...rest] = table;
    if (rows === undefined) throw new ShapeError('a single number has no rows to look up');
    if (!oneHot) return [[...index, ...rest]];
    const length = index.at(-1);
    if (length === undefined || !mayEqual(length, rows))
      throw new ShapeError(`one-hot rows ${show(index)} do not fit a table ${show(table)}`);
    return [[...index.slice(0, -1), ...rest]];
  },
  evaluate([table, index], { oneHot }) {
    const [shape] = definition.infer([table.shape, index.shape], { oneHot }) as number[][];
    const [rows, ...rest] = table.shape;
    const inner = sizeOf(rest);
    const data = new Float64Array(sizeOf(shape));
    if (oneHot) {
      if (inner > 0) multiplyInto(data, index.data, table.data, inner, rows);
    } else
      index.data.forEach((v, i) => {
        const place = placeOf(v, rows);
        if (place < rows) data.set(table.data.subarray(place * inner, (place + 1) * inner), i * inner);
      });
    return [{ shape, data }];
  },
  expand(k, [table, index], { oneHot }) {
    const [shape] = definition.infer([k.shapeOf(table), k.shapeOf(index)], { oneHot }) as number[][];
    const { rows, matrix } = asMatrices(k, table, index, oneHot);
    return [k.reshape(k.matMul(rows, matrix), { shape, allowZero: true })];
  },
  gradient(k, { inputs: [table, index], dy: [dy], attributes: { oneHot }, needed }) {
    const { rows, matrix } = asMatrices(k, table, index, oneHot);
    const [count, width] = [k.shapeOf(rows)[0], k.shapeOf(matrix)[1]];
    const d = k.reshape(dy, { shape: [count, width], allowZero: true });
    const turned = (x: typeof dy) => k.transpose(x, { perm: [1, 0] });
    const like = (x: typeof dy, of: typeof dy) =>
      k.reshape(x, { shape: [...k.shapeOf(of)], allowZero: true });
    return [
      needed[0] ? like(k.matMul(turned(rows), d), table) : undefined,
      needed[1] && oneHot ? like(k.matMul(d, turned(matrix)), index) : undefined,
    ];
  },
  bounds([table, index], { oneHot }) {
    const [shape] = definition.infer([table.shape, index.shape], { oneHot }) as number[][];
    const { low, high } = hullOver(table, [0]);
    const lead = shape.length - table.shape.length + 1;
    // Nothing is found for what is no index.
    const end = (x: PlainTensor, choose: (a: number, b: number) => number): PlainTensor => ({
      shape: [...new Array<number>(lead).fill(1), ...x.shape.slice(1)],
      data: map(x, (v) => choose(v, 0)).data,
    });
    return [
      sizeOf(shape) === 0 ? empty(shape) : { shape, low: end(low, Math.min), high: end(high, Math.max) },
    ];
  },
  examples: [
    {
      shapes: [
        [3, 2],
        [2, 2],
      ],
      attributes: { oneHot: false },
      values: [0, 1, 2],
    },
    { shapes: [[4], [3]], attributes: { oneHot: false }, values: [0, 1, 2, 3] },
    { shapes: [[5, 2, 2], []], attributes: { oneHot: false }, values: [3] },
    { shapes: [[2, 3], [2]], attributes: { oneHot: false }, values: [0, 1, 0.75] },
    {
      shapes: [
        [1, 3],
        [2, 1],
      ],
      attributes: { oneHot: true },
      values: [0, 1],
    },
    { shapes: [[1, 2, 2], [1]], attributes: { oneHot: true }, values: [1] },
    { shapes: [[3, 0], [2]], attributes: { oneHot: false }, values: [0] },
    { shapes: [[3, 2], [0]], attributes: { oneHot: false } },
  ],
};

const empty = (shape: readonly number[]): Interval => {
  const none = { shape, data: new Float64Array(0) };
  return { shape, low: none, high: none };
};

/** One-hot rows [count, n], and the table as a matrix [n, width]. */
function asMatrices<T>(k: Operations<T>, table: T, index: T, oneHot: boolean): { rows: T; matrix: T } {
  const [depth, ...rest] = k.shapeOf(table);
  const places = k.shapeOf(index);
  const count = sizeOf(oneHot ? places.slice(0, -1) : places);
  const rows = oneHot ? index : k.oneHot(index, { depth });
  const reshape = (x: T, shape: readonly number[]) => k.reshape(x, { shape: [...shape], allowZero: true });
  return { rows: reshape(rows, [count, depth]), matrix: reshape(table, [depth, sizeOf(rest)]) };
}

/**
 * Whether an operand of `lookup` holds one-hot rows.
 * @param table shape of the table
 * @param places shape of the operand
 * @param options as the caller gave them
 * @returns what the options say, and otherwise whether the last axis is as long as the table's first one
 * @throws ArgumentError for options that do not exist, or are not true or false
 * @example isOneHot([10, 4], [2, 10]); // true
 */
export function isOneHot(
  table: readonly number[],
  places: readonly number[],
  options: LookupOptions = {},
): boolean {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`lookup takes options, such as { oneHot: true }, not ${options}`);
  checkOptions('lookup', options, ['oneHot']);
  const { oneHot = places.length > 0 && places[places.length - 1] === table[0] } = options;
  return oneHot;
}

export const methods = {
  /**
   * Rows of this tensor at private places, an embedding: by indices, each rounded to the nearest whole number, or by
   * one-hot rows. An operand whose last axis is as long as this tensor's first counts as one-hot rows unless the options
   * say otherwise. Indices are promised to be 0 to n - 1; others give zeros or another row (see `oneHot`).
   * Rounds: those of `oneHot` for indices, and of a matrix product; each index takes 8 n bytes of the dealer, n being
   * the number of rows rounded up to a power of two.
   * @param index indices of any shape, or one-hot rows
   * @param options `oneHot`: whether they are one-hot rows
   * @returns the shape of the indices (of the one-hot rows without their last axis), and that of a row
   * @throws ShapeError where this tensor is a single number, or rows do not fit
   * @throws ArgumentError for options that do not exist
   * @example table.lookup(party.cryptensor([2, 0, 2], { src: 0 }), { oneHot: false })
   */
  lookup: (table: Shaped, index: Operand, options?: LookupOptions) => ({
    inputs: [index],
    attributes: { oneHot: isOneHot(table.shape, shapeOfOperand(index), options) },
  }),
};
