/** Tensors of programs, read by what they have, wherever they come from. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import type { TensorData, TensorLike } from '../client.js';

/** Where elements can be read at once. */
const HERE: readonly unknown[] = [undefined, 'cpu', 'cpu-pinned'];

/**
 * Reads a tensor.
 * @param name of the input, in errors
 * @param value what a program gives: a tensor of any copy of onnxruntime-common, or an object with its fields
 * @returns type, sizes and elements, which are fetched where they lie on another device
 * @throws ArgumentError where it is no tensor; ShapeError where its elements do not fill its sizes
 */
export async function readTensor(name: string, value: unknown): Promise<TensorLike> {
  const label = `input ${JSON.stringify(name)}`;
  if (typeof value !== 'object' || value === null) throw new ArgumentError(`${label} is not a tensor`);
  const { type, dims, location } = value as Record<string, unknown>;
  const { getData } = value as { readonly getData?: () => Promise<unknown> };
  const sizes = Array.isArray(dims) && dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (typeof type !== 'string' || !sizes) throw new ArgumentError(`${label} is not a tensor`);
  const away = !HERE.includes(location);
  if (away && !getData)
    throw new ArgumentError(`${label} lies at ${JSON.stringify(location)}, from where it cannot be read`);
  // Asking for `data` that lies elsewhere throws in onnxruntime-common.
  const data: unknown = away ? await getData?.call(value) : (value as { data?: unknown }).data;
  if (!isData(data)) throw new ArgumentError(`${label} has no elements that can be read`);
  const size = (dims as number[]).reduce((product, dim) => product * dim, 1);
  if (data.length !== size)
    throw new ShapeError(`${label}: ${data.length} elements do not fill [${(dims as number[]).join(', ')}]`);
  return { type, dims: [...(dims as number[])], data };
}

const isData = (data: unknown): data is TensorData =>
  Array.isArray(data) || (ArrayBuffer.isView(data) && !(data instanceof DataView));
