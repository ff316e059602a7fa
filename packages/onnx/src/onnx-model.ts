/**
 * The structure of an ONNX file as `parseOnnx` returns it: every fact that this package uses, in plain objects,
 * nothing interpreted yet. Names follow onnx.proto, in camelCase.
 */
import { isNarrow } from './narrow-types.js';

/** Element types of tensors, by their number in onnx.proto (TensorProto.DataType). */
export const DATA_TYPES: readonly (string | undefined)[] = [
  undefined,
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

/** What arithmetic an element type follows in a graph. */
export type ElementKind = 'float' | 'int' | 'bool';

/** float for floating point, int for the integer types, bool; undefined for types that no operator here takes. */
export function elementKind(dataType: number): ElementKind | undefined {
  switch (DATA_TYPES[dataType]) {
    case 'float':
    case 'double':
    case 'float16':
    case 'bfloat16':
      return 'float';
    case 'uint8':
    case 'int8':
    case 'uint16':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return 'int';
    case 'bool':
      return 'bool';
    default:
      return undefined;
  }
}

/** The same for constants of the file, which may also be of the types of 8 bits and fewer that nothing computes with. */
export function constantKind(dataType: number): ElementKind | undefined {
  const type = DATA_TYPES[dataType];
  if (type === undefined || !isNarrow(type)) return elementKind(dataType);
  return type.startsWith('float') ? 'float' : 'int';
}

/** A constant of the file. 64-bit integers beyond the safe range of a number are ±Infinity. */
export interface OnnxTensor {
  readonly name: string;
  readonly dataType: number;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A dimension: a size, the name of a symbolic size, or undefined when the file does not say. */
export type OnnxDim = number | string | undefined;

export interface OnnxValueInfo {
  readonly name: string;
  /** 0 when the file does not say or the value is not a dense tensor. */
  readonly elementType: number;
  /** 'tensor', or what else the value is (sequence, map, optional, sparse tensor, unknown). */
  readonly kind: string;
  /** undefined when not even the rank is known. */
  readonly shape: readonly OnnxDim[] | undefined;
}

export type OnnxAttribute =
  | { readonly name: string; readonly type: 'float'; readonly value: number }
  | { readonly name: string; readonly type: 'int'; readonly value: number }
  | { readonly name: string; readonly type: 'string'; readonly value: string }
  | { readonly name: string; readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly name: string; readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly name: string; readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly name: string; readonly type: 'strings'; readonly value: readonly string[] }
  /** What a branch of If computes, from the values around it. */
  | { readonly name: string; readonly type: 'graph'; readonly value: OnnxGraph }
  /** Lists of graphs, sparse tensors and the like: present, of a kind that no operator here takes. */
  | { readonly name: string; readonly type: 'other'; readonly value: string };

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  /** Names of values; '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Names of sparse initializers: recognised, not supported. */
  readonly sparseInitializers: readonly string[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfo: ReadonlyMap<string, OnnxValueInfo>;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  /** Version of each operator set that the model imports; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: OnnxGraph;
}
