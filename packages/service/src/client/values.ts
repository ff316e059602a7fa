/** What callers give and get: tensors and typed arrays outside, doubles inside. */
import { arrayOf, fromHalf } from '@tacit/onnx/element-types';
import type { Tensor } from 'onnxruntime-common';
import { ModelFeedsError } from '../errors.js';
import type { PlainInput } from '../program/ask-predictions.js';
import type { ElementType, ModelValue } from '../program/offer.js';

/** Numbers in a row. */
export type NumberArray =
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
  | BigUint64Array
  | readonly number[];

/** A tensor of onnxruntime-common, any copy of it, or anything of this form. */
export interface TensorLike {
  /** As onnxruntime-common calls it. Elements of 'float16' in a Uint16Array are bits. */
  readonly type?: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** What a model is given: by the name of an input, a tensor, or numbers in the order of the input's shape. */
export type Feeds = Readonly<Record<string, TensorLike | NumberArray>>;

/**
 * The inputs in the order of the model.
 * @param feeds by name
 * @param inputs of the model
 * @returns shapes and doubles
 * @throws ModelFeedsError that says which input is missing, unknown, of another size or not numbers
 */
export function inputsOf(feeds: Feeds, inputs: readonly ModelValue[]): PlainInput[] {
  if (typeof feeds !== 'object' || feeds === null || ArrayBuffer.isView(feeds) || 'dims' in feeds)
    throw new ModelFeedsError(`a model is given an object of its inputs by name: { ${inputs[0]?.name}: … }`);
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(feeds))
    if (!names.includes(name))
      throw new ModelFeedsError(`the model has no input '${name}'; it has ${names.join(', ')}`);
  const made = inputs.map((input) => {
    const given = feeds[input.name];
    if (given === undefined) throw new ModelFeedsError(`the input '${input.name}' is missing`);
    return inputOf(given, input);
  });
  requireSame(inputs, made);
  return made;
}

function inputOf(given: TensorLike | NumberArray, input: ModelValue): PlainInput {
  const { name, shape: declared } = input;
  const isTensor = typeof given === 'object' && 'dims' in given && 'data' in given;
  const data = numbersOf(given, input, isTensor);
  const shape = isTensor ? [...(given as TensorLike).dims] : shapeOf(data.length, input);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const fits =
    shape.length === declared.length &&
    shape.every(
      (dim, axis) =>
        isFree(declared[axis]) || dim === declared[axis] || (axis === 0 && isParts(dim, declared[0])),
    );
  if (!fits)
    throw new ModelFeedsError(
      `the input '${name}' has the shape [${shape}] and takes [${declared.join(', ')}]`,
    );
  if (size !== data.length)
    throw new ModelFeedsError(`the input '${name}' has ${data.length} numbers, and [${shape}] takes ${size}`);
  if (size === 0)
    throw new ModelFeedsError(`there is nothing in the input '${name}': its shape is [${shape}]`);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new ModelFeedsError(
      `the input '${name}' has ${data[wrong]} at ${wrong}; a model is given finite numbers`,
    );
  return { shape, data };
}

/** The elements of a tensor, or of an array without a type. */
function numbersOf(
  given: TensorLike | NumberArray,
  { name, type }: ModelValue,
  isTensor: boolean,
): Float64Array {
  const source = isTensor ? (given as TensorLike).data : given;
  if (source instanceof DataView || !(ArrayBuffer.isView(source) || Array.isArray(source)))
    throw new ModelFeedsError(`the input '${name}' is neither a tensor nor an array of numbers`);
  if (source instanceof Uint16Array) {
    // Half precision has no array of its own everywhere: onnxruntime-common keeps its bits in one of whole numbers.
    if (isTensor && (given as TensorLike).type === 'float16') return Float64Array.from(source, fromHalf);
    if (type === 'float16' && !isTensor)
      throw new ModelFeedsError(
        `the input '${name}' is float16, and a Uint16Array may be its bits or its values: give a tensor, or a Float32Array`,
      );
  }
  return Float64Array.from(source as unknown as ArrayLike<unknown>, asNumber);
}

/** A text, an array or nothing would pass for a number by JavaScript's rules, null for 0. */
const asNumber = (value: unknown): number =>
  typeof value === 'number' ? value : /^(bigint|boolean)$/.test(typeof value) ? Number(value) : Number.NaN;

const isFree = (dim: number | string | undefined): boolean => typeof dim === 'string';
/** A model whose batch its file fixes runs several times. */
const isParts = (dim: number, batch: number | string | undefined): boolean =>
  typeof batch === 'number' && batch > 0 && dim % batch === 0;

/** The shape of numbers in a row: what the file says, and one size that it leaves open. */
function shapeOf(length: number, { name, shape }: ModelValue): number[] {
  const open = shape.flatMap((dim, axis) => (isFree(dim) ? [axis] : []));
  const known = shape.reduce<number>(
    (product, dim) => (typeof dim === 'number' ? product * dim : product),
    1,
  );
  const [axis = 0, ...others] = open;
  const rest = length / known;
  if (others.length > 0 && rest !== 1)
    throw new ModelFeedsError(
      `the input '${name}' is [${shape.join(', ')}]: give a tensor, since several sizes are open`,
    );
  if (
    !Number.isInteger(rest) ||
    (open.length === 0 && rest !== 1 && !isParts(rest * Number(shape[0]), shape[0]))
  )
    throw new ModelFeedsError(`the input '${name}' has ${length} numbers, and takes [${shape.join(', ')}]`);
  return shape.map((dim, i) =>
    isFree(dim) ? (i === axis ? rest : 1) : open.length === 0 && i === 0 ? rest * Number(dim) : Number(dim),
  );
}

/** Sizes of one name are equal. */
function requireSame(inputs: readonly ModelValue[], made: readonly PlainInput[]): void {
  const sizes = new Map<string, number>();
  for (const [i, { name, shape }] of inputs.entries())
    for (const [axis, dim] of shape.entries()) {
      if (typeof dim !== 'string') continue;
      const size = made[i]?.shape[axis] ?? 0;
      const known = sizes.get(dim) ?? size;
      if (known !== size)
        throw new ModelFeedsError(`'${dim}' is ${known} in one input and ${size} in '${name}'`);
      sizes.set(dim, size);
    }
}

/** An output: what a tensor is made of, so that it can pass from one thread to another. */
export interface Answer {
  readonly name: string;
  readonly type: Tensor.Type;
  readonly data: Exclude<Tensor.DataType, readonly string[]>;
  readonly dims: readonly number[];
}

/**
 * An output in the type of the model's file. Half precision, of which an array would hold bits, becomes float32.
 * @param name of the output
 * @param plain shape and doubles
 * @param type of the output in the model's file
 * @returns name, type, numbers and shape
 */
export function answerOf(
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float64Array },
  type: ElementType,
): Answer {
  const kept = type === 'float16' ? 'float32' : type;
  return { name, type: kept, data: arrayOf(kept, data), dims: [...shape] };
}
