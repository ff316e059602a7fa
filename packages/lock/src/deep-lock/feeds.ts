/** Tensors as onnxruntime-common has them, from and to doubles. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import type { PlainTensor } from '@tacit/graph';
import { DATA_TYPES } from '@tacit/onnx/protobuf';

/** The part of a tensor of onnxruntime-common that is read and made here. */
export interface OrtTensorLike {
  readonly type: string;
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly dims: readonly number[];
}

/**
 * An input as doubles.
 * @param name of the input, in errors
 * @param tensor as onnxruntime takes it
 * @returns shape and numbers
 * @throws ShapeError where the data does not fill the shape; ArgumentError for strings and other types
 */
export function fromOrt(name: string, { type, data, dims }: OrtTensorLike): PlainTensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (data.length !== size)
    throw new ShapeError(
      `input ${JSON.stringify(name)}: ${data.length} elements do not fill [${dims.join(', ')}]`,
    );
  if (!READABLE.includes(type))
    throw new ArgumentError(`input ${JSON.stringify(name)} is of type ${type}, which is not read here`);
  return { shape: [...dims], data: Float64Array.from(data as ArrayLike<number>, Number) };
}

/** Types of elements whose arrays hold their values; those of half precision hold bits. */
const READABLE = [
  'float32',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

const MAKERS: Readonly<
  Record<string, readonly [type: string, make: (data: Float64Array) => OrtTensorLike['data']]>
> = {
  double: ['float64', (data) => data.slice()],
  int64: ['int64', (data) => BigInt64Array.from(data, wide)],
  uint64: ['uint64', (data) => BigUint64Array.from(data, wide)],
  int32: ['int32', (data) => Int32Array.from(data)],
  uint32: ['uint32', (data) => Uint32Array.from(data)],
  int16: ['int16', (data) => Int16Array.from(data)],
  uint16: ['uint16', (data) => Uint16Array.from(data)],
  int8: ['int8', (data) => Int8Array.from(data)],
  uint8: ['uint8', (data) => Uint8Array.from(data)],
  bool: ['bool', (data) => Uint8Array.from(data)],
};

const wide = (value: number): bigint => (Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n);

/**
 * An output as onnxruntime gives it.
 * @param tensor shape and numbers
 * @param elementType number of the type that the model declares; half precision comes as float32
 * @returns the tensor
 */
export function toOrt({ shape, data }: PlainTensor, elementType: number): OrtTensorLike {
  const declared = DATA_TYPES[elementType] ?? 'float';
  const [type, make] = Object.hasOwn(MAKERS, declared)
    ? MAKERS[declared]
    : (['float32', (numbers: Float64Array) => Float32Array.from(numbers)] as const);
  return { type, data: make(data), dims: [...shape] };
}
