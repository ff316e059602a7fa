/** What a program returned at the leader, as results of rows. */
import type { Numbers } from '@tacit/files';
import { ShardResultError } from '../errors.js';

/**
 * Checks that there is a result for each row.
 * @param value what the program returned: `{ shape, data }`, as `revealFloat64` gives it
 * @param rows of the shard
 * @returns shape and elements
 * @throws ShardResultError
 */
export function resultOf(value: unknown, rows: number): Numbers {
  const { shape, data } = (typeof value === 'object' && value !== null ? value : {}) as {
    shape?: unknown;
    data?: unknown;
  };
  if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw new ShardResultError(rows, 'there is no shape');
  if (!isNumbers(data)) throw new ShardResultError(rows, 'there is no data');
  if (shape[0] !== rows) throw new ShardResultError(rows, `the shape is [${shape}]`);
  if (data.length !== shape.reduce((product: number, d: number) => product * d, 1))
    throw new ShardResultError(rows, `${data.length} elements do not fill the shape [${shape}]`);
  return { shape, data: Float64Array.from(data) };
}

const isNumbers = (data: unknown): data is ArrayLike<number> =>
  data instanceof Float64Array ||
  data instanceof Float32Array ||
  (Array.isArray(data) && data.every((one) => typeof one === 'number'));
