/** Public indices as methods take them: a number, nested lists, typed arrays, or tensors of onnxruntime. */
import { ArgumentError } from '@tacit/errors';
import { sizeOf } from '../../shape/dims.js';

/** A number, or lists of numbers nested as deeply as the indices have axes; or numbers with their shape. */
export type Indices =
  | number
  | ArrayLike<number>
  | readonly Indices[]
  | { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> }
  | { readonly dims: readonly number[]; readonly data: ArrayLike<number | bigint> };

/** Shape and values of indices; `rank` is what they may have at most, a number being a list of one where that is 1. */
export function indexTensor(
  what: string,
  indices: Indices,
  rank = Number.POSITIVE_INFINITY,
): { shape: readonly number[]; values: readonly number[] } {
  const given = withShape(what, rank === 1 && typeof indices === 'number' ? [indices] : indices);
  if (given.shape.length > rank) throw new ArgumentError(`${what}: the indices are a list of numbers`);
  return given;
}

function withShape(what: string, given: Indices): { shape: readonly number[]; values: readonly number[] } {
  const wrong = (why: string) => new ArgumentError(`${what}: the indices ${why}`);
  if (typeof given === 'number') {
    if (!Number.isSafeInteger(given)) throw wrong(`are whole numbers, not ${given}`);
    return { shape: [], values: [given] };
  }
  if (typeof given !== 'object' || given === null) throw wrong(`are numbers, not ${given}`);
  if ('data' in given) {
    const shape = 'shape' in given ? given.shape : given.dims;
    const values = Array.from(given.data, Number);
    if (!values.every(Number.isSafeInteger)) throw wrong('are whole numbers');
    if (values.length !== sizeOf(shape)) throw wrong(`do not fill the shape [${shape}]`);
    return { shape, values };
  }
  if (!('length' in given)) throw wrong('are a number or lists of numbers');
  const parts = Array.from(given as ArrayLike<Indices>, (part) => withShape(what, part));
  const [first = { shape: [] }] = parts;
  if (parts.some(({ shape }) => `${shape}` !== `${first.shape}`))
    throw wrong('are lists of different lengths');
  return { shape: [parts.length, ...first.shape], values: parts.flatMap(({ values }) => values) };
}
