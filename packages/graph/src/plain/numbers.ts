/**
 * Numbers in the precision that a file has them in. Single precision takes half of the memory of double precision, and
 * holds the same numbers: a large model is widened only where something computes with its weights.
 */

/** Numbers for reading. Who computes with them writes the results to double precision. */
export type Numbers = Float64Array | Float32Array;

/** Where the numbers of a tensor in single precision are; not enumerable, so that such a tensor equals any other. */
const SINGLES = Symbol('single precision');

/**
 * Adds `data` to the fields of a tensor whose numbers are known in single precision; it is widened when it is first read.
 * @param fields fields of the tensor, such as its shape; changed and returned
 * @param singles its numbers, not to be changed afterwards
 * @returns the fields, with `data`
 * @example withSingles({ shape: [2] }, Float32Array.of(1, 2)).data; // Float64Array [ 1, 2 ]
 */
export function withSingles<T extends object>(
  fields: T,
  singles: Float32Array,
): T & { readonly data: Float64Array } {
  let wide: Float64Array | undefined;
  const get = () => {
    wide ??= Float64Array.from(singles);
    return wide;
  };
  Object.defineProperty(fields, 'data', { get, enumerable: true });
  Object.defineProperty(fields, SINGLES, { value: singles });
  return fields as T & { readonly data: Float64Array };
}

/**
 * Adds the numbers of a tensor to the fields of another one, in the precision that they are known in.
 * @param fields fields of the tensor, such as its shape; changed and returned
 * @param tensor tensor whose numbers it has, too
 * @returns the fields, with `data`
 * @example withNumbersOf({ shape: [4] }, { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
 */
export function withNumbersOf<T extends object>(
  fields: T,
  tensor: { readonly data: Float64Array },
): T & { readonly data: Float64Array } {
  const singles = singlesOf(tensor);
  return singles ? withSingles(fields, singles) : Object.assign(fields, { data: tensor.data });
}

/**
 * The numbers of a tensor for reading, without widening them.
 * @param tensor tensor
 * @returns its numbers in single or double precision
 * @example numbersOf({ data: Float64Array.of(1, 2) }).length; // 2
 */
export function numbersOf(tensor: { readonly data: Float64Array }): Numbers;
export function numbersOf(tensor: { readonly data?: Float64Array }): Numbers | undefined;
export function numbersOf(tensor: { readonly data?: Float64Array }): Numbers | undefined {
  return singlesOf(tensor) ?? tensor.data;
}

const singlesOf = (tensor: object): Float32Array | undefined =>
  (tensor as { readonly [SINGLES]?: Float32Array })[SINGLES];
