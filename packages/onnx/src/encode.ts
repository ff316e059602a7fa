/** Writes ONNX files: nodes of any operator set, constants of 32-bit floats and 64-bit integers, inputs of all types. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ArgumentError } from '@tacit/errors';
import { DATA_TYPES } from './onnx-model.js';

/** An attribute of a node, by its kind. */
export type EncodedAttribute =
  | { readonly f: number }
  | { readonly i: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] };

/** A constant. */
export interface EncodedTensor {
  /** Default 'float'. */
  readonly type?: 'float' | 'int64';
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A node; one with a constant is a Constant. */
export interface EncodedNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, EncodedAttribute>>;
  readonly constant?: EncodedTensor;
  /** The operator set that it is of. Default: the standard one. */
  readonly domain?: string;
}

/** An input or an output; sizes that are not numbers are open, and have no name where they are undefined. */
export interface EncodedSlot {
  readonly name: string;
  /** Name of an element type, as in `DATA_TYPES`. */
  readonly type: string;
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** A model. */
export interface EncodedModel {
  readonly opset: number;
  readonly name: string;
  readonly inputs: readonly EncodedSlot[];
  readonly outputs: readonly EncodedSlot[];
  readonly nodes: readonly EncodedNode[];
  readonly initializers: ReadonlyMap<string, EncodedTensor>;
  /** Versions of operator sets besides the standard one, by domain. */
  readonly domains?: Readonly<Record<string, number>>;
  /** What else the file says of itself: its `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Numbers of element types of constants in onnx.proto. */
const TYPES = { float: 1, int64: 7 } as const;
/** Numbers of kinds of attributes there. */
const KINDS = { f: 1, i: 2, s: 3, tensor: 4, ints: 7 } as const;
const IR_VERSION = 8;
const LARGEST = 2n ** 63n - 1n;

const nested = (writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void => {
  const inner = new BinaryWriter();
  write(inner);
  writer.tag(field, WireType.LengthDelimited).bytes(inner.finish());
};
const text = (writer: BinaryWriter, field: number, value: string): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).string(value);
const int = (writer: BinaryWriter, field: number, value: number): BinaryWriter =>
  writer.tag(field, WireType.Varint).int64(whole(value).toString());

/** Infinite bounds, as of slices, are the largest numbers that there are. */
function whole(value: number): bigint {
  if (Number.isFinite(value)) return BigInt(value);
  return value > 0 ? LARGEST : -LARGEST;
}

function rawData({ type = 'float', data }: EncodedTensor): Uint8Array {
  const width = type === 'float' ? 4 : 8;
  const view = new DataView(new ArrayBuffer(width * data.length));
  for (let i = 0; i < data.length; i++)
    if (type === 'float') view.setFloat32(width * i, data[i], true);
    else view.setBigInt64(width * i, whole(data[i]), true);
  return new Uint8Array(view.buffer);
}

function writeTensor(writer: BinaryWriter, tensor: EncodedTensor, name?: string): void {
  for (const size of tensor.shape) int(writer, 1, size);
  int(writer, 2, TYPES[tensor.type ?? 'float']);
  if (name !== undefined) text(writer, 8, name);
  writer.tag(9, WireType.LengthDelimited).bytes(rawData(tensor));
}

function writeAttribute(writer: BinaryWriter, name: string, value: EncodedAttribute): void {
  text(writer, 1, name);
  if ('f' in value) writer.tag(2, WireType.Bit32).float(value.f);
  else if ('i' in value) int(writer, 3, value.i);
  else if ('s' in value) text(writer, 4, value.s);
  else for (const element of value.ints) int(writer, 8, element);
  const kind = 'f' in value ? 'f' : 'i' in value ? 'i' : 's' in value ? 's' : 'ints';
  int(writer, 20, KINDS[kind]);
}

function writeNode(writer: BinaryWriter, node: EncodedNode): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  if (node.domain) text(writer, 7, node.domain);
  for (const [name, value] of Object.entries(node.attributes))
    nested(writer, 5, (attribute) => writeAttribute(attribute, name, value));
  const { constant } = node;
  if (constant)
    nested(writer, 5, (attribute) => {
      text(attribute, 1, 'value');
      nested(attribute, 5, (tensor) => writeTensor(tensor, constant));
      int(attribute, 20, KINDS.tensor);
    });
}

function writeSlot(writer: BinaryWriter, { name, type, shape }: EncodedSlot): void {
  const number = DATA_TYPES.indexOf(type);
  if (number < 1) throw new ArgumentError(`${JSON.stringify(name)} has elements of the unknown type ${type}`);
  text(writer, 1, name);
  nested(writer, 2, (proto) =>
    nested(proto, 1, (tensor) => {
      int(tensor, 1, number);
      if (shape)
        nested(tensor, 2, (sizes) => {
          for (const size of shape)
            nested(sizes, 1, (one) => {
              if (typeof size === 'number') int(one, 1, size);
              else if (size !== undefined) text(one, 2, size);
            });
        });
    }),
  );
}

/**
 * The bytes of a model.
 * @param model nodes in an order in which they can be computed, constants, inputs, outputs
 * @returns the file
 * @throws ArgumentError for an element type that there is not
 * @example writeFileSync('model.onnx', encodeOnnx(model));
 */
export function encodeOnnx(model: EncodedModel): Uint8Array {
  const writer = new BinaryWriter();
  int(writer, 1, IR_VERSION);
  text(writer, 2, 'tacit');
  nested(writer, 7, (graph) => {
    for (const node of model.nodes) nested(graph, 1, (proto) => writeNode(proto, node));
    text(graph, 2, model.name);
    for (const [name, tensor] of model.initializers)
      nested(graph, 5, (proto) => writeTensor(proto, tensor, name));
    for (const slot of model.inputs) nested(graph, 11, (proto) => writeSlot(proto, slot));
    for (const slot of model.outputs) nested(graph, 12, (proto) => writeSlot(proto, slot));
  });
  for (const [domain, version] of Object.entries({ '': model.opset, ...model.domains }))
    nested(writer, 8, (opset) => {
      text(opset, 1, domain);
      int(opset, 2, version);
    });
  for (const [key, value] of Object.entries(model.metadata ?? {}))
    nested(writer, 14, (entry) => {
      text(entry, 1, key);
      text(entry, 2, value);
    });
  return writer.finish();
}
