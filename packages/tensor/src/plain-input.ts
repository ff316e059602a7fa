/** Plaintext at the edges: what is accepted wherever a tensor is, and what comes back. */

import { ShapeError, TacitError } from '@tacit/errors';
import type { PlainTensor } from '@tacit/graph';
import { sizeOf } from '@tacit/ring';

/** Anything nested, e.g. [[1, 2], [3, 4]]. */
export type NestedNumbers = number | readonly NestedNumbers[];
/** A tensor in the clear: onnxruntime-common's Tensor fits, and so does any object of this form. */
export interface PlainTensorLike {
  /** As onnxruntime-common calls it. */
  readonly type?: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint> | unknown;
}
type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;
export type PlainInput = NestedNumbers | NumberArray | PlainTensorLike;

/** A plaintext tensor inside the library: double precision, row-major. */
export type Plain = PlainTensor;

/** The input is not a tensor of numbers. Code `INPUT_TYPE`. */
export class InputTypeError extends TacitError {
  constructor(message: string) {
    super('INPUT_TYPE', message);
  }
}

/**
 * Reads nested arrays, typed arrays and tensors. `shape` reinterprets typed arrays; otherwise it must agree.
 * @param input nested arrays, a typed array, a number or a tensor
 * @param shape shape of a typed array; the input's otherwise
 * @returns shape and doubles
 * @throws InputTypeError where it is not a tensor of numbers
 * @throws ShapeError where it is ragged or does not fill the shape
 * @example toPlain([[1, 2], [3, 4]]).shape; // [ 2, 2 ]
 */
export function toPlain(input: PlainInput, shape?: readonly number[]): Plain {
  if (typeof input === 'number') return checked([], Float64Array.of(input), shape);
  if (ArrayBuffer.isView(input)) {
    const data = numbersIn(input);
    return checked(shape ?? [data.length], data, shape);
  }
  if (Array.isArray(input)) {
    const found = nestedShape(input);
    const data = new Float64Array(sizeOf(found));
    let at = 0;
    const fill = (value: NestedNumbers, depth: number): void => {
      if (Array.isArray(value)) {
        if (depth >= found.length || value.length !== found[depth])
          throw new ShapeError(
            `nested arrays are ragged: ${value.length} values where ${found[depth] ?? 'a number'} was expected`,
          );
        for (const v of value) fill(v, depth + 1);
      } else if (typeof value === 'number' && depth === found.length) data[at++] = value;
      else throw new InputTypeError(`nested arrays hold ${typeof value} where a number was expected`);
    };
    fill(input, 0);
    return checked(found, data, shape);
  }
  if (typeof input === 'object' && input !== null && 'dims' in input && 'data' in input) {
    return checked(input.dims, elementsOf(input), shape);
  }
  throw new InputTypeError(`expected numbers, nested arrays, a typed array or a tensor, got ${typeof input}`);
}

/** Elements of a tensor of onnxruntime-common or of its form, which may be 64-bit integers and truth values. */
function elementsOf({ type, data }: PlainTensorLike): Float64Array<ArrayBuffer> {
  if (type === 'float16' && data instanceof Uint16Array)
    throw new InputTypeError('the data of a float16 tensor are bits: convert it to float32');
  if (ArrayBuffer.isView(data)) return numbersIn(data);
  if (!Array.isArray(data)) throw new InputTypeError('the data of the tensor are not numbers');
  return Float64Array.from(data, (value) => {
    if (ELEMENTS.includes(typeof value)) return Number(value);
    throw new InputTypeError(`the data of the tensor hold ${typeof value} where a number was expected`);
  });
}

const ELEMENTS = ['number', 'bigint', 'boolean'];

function numbersIn(view: ArrayBufferView): Float64Array<ArrayBuffer> {
  if (view instanceof DataView) throw new InputTypeError('a DataView is not an array of numbers');
  const wide = view instanceof BigInt64Array || view instanceof BigUint64Array;
  return wide ? Float64Array.from(view, Number) : Float64Array.from(view as Float64Array);
}

function nestedShape(value: readonly NestedNumbers[]): number[] {
  const shape: number[] = [];
  for (let v: NestedNumbers | undefined = value; Array.isArray(v); v = v[0]) shape.push(v.length);
  return shape;
}

function checked(found: readonly number[], data: Float64Array, wanted?: readonly number[]): Plain {
  const shape = wanted ?? found;
  if (sizeOf(shape) !== data.length)
    throw new ShapeError(`${data.length} values do not fill the shape [${shape}]`);
  return { shape, data };
}
