/** Writes small ONNX files for tests. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export type AttributeValue =
  | { f: number }
  | { i: number | bigint }
  | { s: string }
  | { t: TensorSpec }
  | { g: Omit<ModelSpec, 'opset'> }
  | { floats: number[] }
  | { strings: string[] }
  | { ints: (number | bigint)[] };

export interface TensorSpec {
  name?: string;
  /** Number in onnx.proto: 1 float, 7 int64, 9 bool, 10 float16, 11 double, ... */
  type?: number;
  shape: number[];
  data: ArrayLike<number | bigint>;
  /** Write raw_data (default) or the typed field. */
  typed?: boolean;
  /** Bytes to write as raw_data as they are. */
  raw?: Uint8Array;
  /** Kept in another file, with these entries; true for one that names a file. */
  external?: boolean | Record<string, string>;
}

export interface NodeSpec {
  op: string;
  name?: string;
  domain?: string;
  inputs: string[];
  outputs: string[];
  attributes?: Record<string, AttributeValue | undefined>;
}

export interface ValueSpec {
  name: string;
  type?: number;
  shape?: (number | string)[];
}

export interface ModelSpec {
  opset: number;
  inputs: ValueSpec[];
  outputs: ValueSpec[];
  nodes: NodeSpec[];
  initializers?: Record<string, TensorSpec>;
  irVersion?: number;
  /** Versions of operator sets besides the standard one. */
  domains?: Record<string, number>;
}

const nested = (writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void) => {
  const inner = new BinaryWriter();
  write(inner);
  writer.tag(field, WireType.LengthDelimited).bytes(inner.finish());
};
const text = (writer: BinaryWriter, field: number, value: string) =>
  writer.tag(field, WireType.LengthDelimited).string(value);
const int = (writer: BinaryWriter, field: number, value: number | bigint) =>
  writer.tag(field, WireType.Varint).int64(value.toString());

export function rawData(type: number, data: ArrayLike<number | bigint>): Uint8Array {
  const values = Array.from(data);
  const numbers = values.map(Number);
  const typed =
    type === 1
      ? Float32Array.from(numbers)
      : type === 11
        ? Float64Array.from(numbers)
        : type === 7
          ? BigInt64Array.from(values.map(BigInt))
          : type === 6
            ? Int32Array.from(numbers)
            : type === 9 || type === 2
              ? Uint8Array.from(numbers)
              : type === 10 || type === 16
                ? Uint16Array.from(numbers)
                : undefined;
  if (typed === undefined) throw new Error(`no encoding for type ${type}`);
  return new Uint8Array(typed.buffer);
}

function writeTensor(writer: BinaryWriter, spec: TensorSpec, name = spec.name ?? ''): void {
  const type = spec.type ?? 1;
  for (const dim of spec.shape) int(writer, 1, dim);
  int(writer, 2, type);
  if (name !== '') text(writer, 8, name);
  if (spec.external) {
    const entries = spec.external === true ? { location: 'weights.bin' } : spec.external;
    for (const [key, value] of Object.entries(entries))
      nested(writer, 13, (entry) => {
        text(entry, 1, key);
        text(entry, 2, value);
      });
    int(writer, 14, 1);
  } else if (spec.typed) {
    const values = Array.from(spec.data);
    if (type === 1)
      nested(writer, 4, (packed) => {
        for (const value of values) packed.float(Number(value));
      });
    else if (type === 11)
      nested(writer, 10, (packed) => {
        for (const value of values) packed.double(Number(value));
      });
    else for (const value of values) int(writer, type === 7 ? 7 : type === 13 ? 11 : 5, value);
  } else writer.tag(9, WireType.LengthDelimited).bytes(spec.raw ?? rawData(type, spec.data));
}

function writeAttribute(writer: BinaryWriter, name: string, value: AttributeValue): void {
  text(writer, 1, name);
  if ('f' in value) {
    writer.tag(2, WireType.Bit32).float(value.f);
    int(writer, 20, 1);
  } else if ('i' in value) {
    int(writer, 3, value.i);
    int(writer, 20, 2);
  } else if ('s' in value) {
    text(writer, 4, value.s);
    int(writer, 20, 3);
  } else if ('t' in value) {
    nested(writer, 5, (tensor) => writeTensor(tensor, value.t));
    int(writer, 20, 4);
  } else if ('g' in value) {
    nested(writer, 6, (graph) => writeGraph(graph, value.g, 10));
    int(writer, 20, 5);
  } else if ('floats' in value) {
    for (const element of value.floats) writer.tag(7, WireType.Bit32).float(element);
    int(writer, 20, 6);
  } else if ('strings' in value) {
    for (const element of value.strings) text(writer, 9, element);
    int(writer, 20, 8);
  } else {
    for (const element of value.ints) int(writer, 8, element);
    int(writer, 20, 7);
  }
}

function writeValue(writer: BinaryWriter, { name, type, shape }: ValueSpec): void {
  text(writer, 1, name);
  nested(writer, 2, (proto) =>
    nested(proto, 1, (tensor) => {
      int(tensor, 1, type ?? 1);
      if (shape !== undefined)
        nested(tensor, 2, (dims) => {
          for (const dim of shape)
            nested(dims, 1, (one) => (typeof dim === 'number' ? int(one, 1, dim) : text(one, 2, dim)));
        });
    }),
  );
}

/** IR version that goes with an opset, as the ONNX project released them. */
function irVersionOf(opset: number): number {
  if (opset < 9) return 3;
  if (opset < 10) return 4;
  if (opset < 11) return 5;
  if (opset < 12) return 6;
  if (opset < 15) return 7;
  if (opset < 19) return 8;
  return opset < 21 ? 9 : 10;
}

/** A graph: that of a model, or that of a branch. */
function writeGraph(graph: BinaryWriter, spec: Omit<ModelSpec, 'opset'>, irVersion: number): void {
  for (const node of spec.nodes)
    nested(graph, 1, (proto) => {
      for (const name of node.inputs) text(proto, 1, name);
      for (const name of node.outputs) text(proto, 2, name);
      if (node.name !== undefined) text(proto, 3, node.name);
      text(proto, 4, node.op);
      for (const [name, value] of Object.entries(node.attributes ?? {}))
        if (value !== undefined) nested(proto, 5, (attribute) => writeAttribute(attribute, name, value));
      if (node.domain !== undefined) text(proto, 7, node.domain);
    });
  text(graph, 2, 'test');
  for (const [name, tensor] of Object.entries(spec.initializers ?? {}))
    nested(graph, 5, (proto) => writeTensor(proto, tensor, name));
  for (const value of spec.inputs) nested(graph, 11, (proto) => writeValue(proto, value));
  // Before IR version 4, initializers had to be listed as inputs too.
  if (irVersion < 4)
    for (const [name, { type, shape }] of Object.entries(spec.initializers ?? {}))
      nested(graph, 11, (proto) => writeValue(proto, { name, type: type ?? 1, shape }));
  for (const value of spec.outputs) nested(graph, 12, (proto) => writeValue(proto, value));
}

export function encodeModel(spec: ModelSpec): Uint8Array {
  const writer = new BinaryWriter();
  const irVersion = spec.irVersion ?? irVersionOf(spec.opset);
  int(writer, 1, irVersion);
  nested(writer, 7, (graph) => writeGraph(graph, spec, irVersion));
  for (const [domain, version] of Object.entries({ '': spec.opset, ...spec.domains }))
    nested(writer, 8, (opset) => {
      text(opset, 1, domain);
      int(opset, 2, version);
    });
  return writer.finish();
}
