/** Tensors as text, for tests. */
import type { ResultTensor, TensorLike } from '../../src/index.js';
import { dataOf } from '../../src/tensors/element-types.js';

export const encodeTensors = (tensors: Readonly<Record<string, ResultTensor>> = {}): string =>
  JSON.stringify(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [
      name,
      type,
      dims,
      Array.from(data as ArrayLike<number>, Number),
    ]),
  );

export const decodeTensors = (text: string): Record<string, TensorLike> =>
  Object.fromEntries(
    (JSON.parse(text) as [string, string, number[], number[]][]).map(([name, type, dims, data]) => [
      name,
      { type, dims, data: dataOf(type, Float64Array.from(data)) },
    ]),
  );
