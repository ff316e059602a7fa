/** Small ONNX files whose tensors are written in any way that onnx.proto allows. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** How a tensor's data is written. */
export type Storage = 'raw' | 'packed' | 'single' | 'halves';

/** A tensor of a test file. */
export interface TestTensor {
  readonly name: string;
  /** Number of the element type. */
  readonly dataType: number;
  readonly shape: readonly number[];
  /** Little-endian elements. */
  readonly bytes: Uint8Array;
  readonly storage?: Storage;
  /** Further fields of the TensorProto. */
  readonly more?: (writer: BinaryWriter) => void;
}

/** Field, bytes of an entry and whether its varints have a sign, by element type; of those that tests use. */
const FIELDS: Readonly<Record<number, readonly [field: number, width: number, signed: boolean]>> = {
  1: [4, 4, false],
  2: [5, 1, false],
  3: [5, 1, true],
  4: [5, 2, false],
  5: [5, 2, true],
  6: [5, 4, true],
  7: [7, 8, true],
  9: [5, 1, false],
  10: [5, 2, false],
  11: [10, 8, false],
  12: [11, 4, false],
  13: [11, 8, false],
  14: [4, 4, false],
  15: [10, 8, false],
  16: [5, 2, false],
  17: [5, 1, false],
  21: [5, 1, false],
  22: [5, 1, false],
};

export const DATA_TYPES_IN_TESTS = Object.keys(FIELDS).map(Number);

/** Bits of an element. */
export const bitsOf = (dataType: number): number => {
  if (dataType === 21 || dataType === 22) return 4;
  const [, width] = FIELDS[dataType];
  return width * 8 * (dataType === 14 || dataType === 15 ? 2 : 1);
};

/** A field of nested bytes. */
export const nested = (writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void => {
  const inner = new BinaryWriter();
  write(inner);
  writer.tag(field, WireType.LengthDelimited).bytes(inner.finish());
};

function varint(bytes: Uint8Array, signed: boolean): Uint8Array {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  if (signed) value = BigInt.asIntN(8 * bytes.length, value);
  const writer = new BinaryWriter();
  if (signed) writer.int64(value.toString());
  else writer.uint64(value.toString());
  return writer.finish();
}

/** The fields of a tensor. */
export function writeTensor(writer: BinaryWriter, tensor: TestTensor): void {
  const { name, dataType, shape, bytes, storage = 'raw', more } = tensor;
  for (const dim of shape) writer.tag(1, WireType.Varint).int64(dim);
  // Data before the name, as protobuf allows.
  const [field = 9, width = 1, signed = false] = FIELDS[dataType] ?? [];
  if (storage === 'raw') writer.tag(9, WireType.LengthDelimited).bytes(bytes);
  else {
    const fixed = field === 4 || field === 10;
    const entries = Array.from({ length: bytes.length / width }, (_, i) => {
      const entry = bytes.subarray(i * width, (i + 1) * width);
      return fixed ? entry : varint(entry, signed);
    });
    const packed = (from: number, to: number): void => {
      writer.tag(field, WireType.LengthDelimited).bytes(Buffer.concat(entries.slice(from, to)));
    };
    const middle = entries.length >> 1;
    if (storage === 'packed') packed(0, entries.length);
    else if (storage === 'halves') {
      packed(0, middle);
      packed(middle, entries.length);
    } else
      for (const entry of entries) {
        writer.tag(field, !fixed ? WireType.Varint : width === 4 ? WireType.Bit32 : WireType.Bit64);
        writer.raw(entry);
      }
  }
  writer.tag(2, WireType.Varint).int32(dataType);
  writer.tag(8, WireType.LengthDelimited).string(name);
  more?.(writer);
}

/** A model of one Identity node with these initializers, and fields that nobody knows around them. */
export function modelOf(
  tensors: readonly TestTensor[],
  graphMore?: (graph: BinaryWriter) => void,
): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(99, WireType.LengthDelimited).string('unknown field in front');
  nested(writer, 7, (graph) => {
    nested(graph, 1, (node) => {
      node.tag(1, WireType.LengthDelimited).string('x');
      node.tag(2, WireType.LengthDelimited).string('y');
      node.tag(4, WireType.LengthDelimited).string('Identity');
    });
    for (const tensor of tensors) nested(graph, 5, (inner) => writeTensor(inner, tensor));
    for (const [field, name] of [
      [11, 'x'],
      [12, 'y'],
    ] as const)
      nested(graph, field, (slot) => {
        slot.tag(1, WireType.LengthDelimited).string(name);
        nested(slot, 2, (type) =>
          nested(type, 1, (of) => {
            of.tag(1, WireType.Varint).int32(1);
            nested(of, 2, (shape) => nested(shape, 1, (dim) => dim.tag(1, WireType.Varint).int64(1)));
          }),
        );
      });
    graph.tag(77, WireType.Varint).uint32(5);
    graphMore?.(graph);
  });
  writer.tag(1, WireType.Varint).int64(8);
  nested(writer, 8, (opset) => opset.tag(2, WireType.Varint).int64(17));
  nested(writer, 14, (entry) => {
    entry.tag(1, WireType.LengthDelimited).string('author');
    entry.tag(2, WireType.LengthDelimited).string('nobody');
  });
  return writer.finish();
}
