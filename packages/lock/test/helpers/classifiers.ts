/** Small classifiers of any floating-point type, with random weights, and examples for them. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { bitsOf, FLOAT_BYTES, type FloatType, writeBits } from '../../src/adv-params/number-bits.js';
import type { LabelledData } from '../../src/index.js';
import { nested, type Storage, writeTensor } from './models.js';

/** Numbers of the types in onnx.proto. */
export const DATA_TYPES: Readonly<Record<FloatType, number>> = { float: 1, float16: 10, double: 11 };

/** Little-endian numbers of a type. */
export function bytesOf(values: readonly number[], type: FloatType): Uint8Array {
  const bytes = new Uint8Array(values.length * FLOAT_BYTES[type]);
  for (const [i, value] of values.entries()) writeBits(bytes, i, type, bitsOf(value, type));
  return bytes;
}

/** Sizes of the axes of the initializers. */
export const shapesOf = (inputs: number, hidden: number, classes: number) =>
  ({ w1: [inputs, hidden], b1: [hidden], w2: [hidden, classes], b2: [classes] }) as const;

/** x [n, inputs] to scores [n, classes] by two layers with a tanh between them, and a softmax if asked for. */
export function classifier(options: {
  readonly type: FloatType;
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
  /** A weight at a place of an initializer. */
  readonly weight: (name: string, index: number) => number;
  readonly storage?: Storage;
  readonly softmax?: boolean;
  readonly batch?: number;
}): Uint8Array {
  const { type, inputs, hidden, classes, weight, storage, softmax = false, batch } = options;
  const dataType = DATA_TYPES[type];
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(8);
  nested(writer, 7, (graph) => {
    const node = (op: string, from: readonly string[], to: string): void =>
      nested(graph, 1, (inner) => {
        for (const name of from) inner.tag(1, WireType.LengthDelimited).string(name);
        inner.tag(2, WireType.LengthDelimited).string(to);
        inner.tag(4, WireType.LengthDelimited).string(op);
      });
    node('Gemm', ['x', 'w1', 'b1'], 'a');
    node('Tanh', ['a'], 'h');
    node('Gemm', ['h', 'w2', 'b2'], softmax ? 's' : 'y');
    if (softmax) node('Softmax', ['s'], 'y');
    graph.tag(2, WireType.LengthDelimited).string('small');
    for (const [name, shape] of Object.entries(shapesOf(inputs, hidden, classes))) {
      const size = shape.reduce((a: number, b: number) => a * b, 1);
      const bytes = bytesOf(
        Array.from({ length: size }, (_, i) => weight(name, i)),
        type,
      );
      nested(graph, 5, (inner) => writeTensor(inner, { name, dataType, shape, bytes, storage }));
    }
    for (const [field, name, size] of [
      [11, 'x', inputs],
      [12, 'y', classes],
    ] as const)
      nested(graph, field, (slot) => {
        slot.tag(1, WireType.LengthDelimited).string(name);
        nested(slot, 2, (kind) =>
          nested(kind, 1, (of) => {
            of.tag(1, WireType.Varint).int32(dataType);
            nested(of, 2, (shape) => {
              nested(shape, 1, (dim) => {
                if (batch === undefined) dim.tag(2, WireType.LengthDelimited).string('n');
                else dim.tag(1, WireType.Varint).int64(batch);
              });
              nested(shape, 1, (dim) => dim.tag(1, WireType.Varint).int64(size));
            });
          }),
        );
      });
  });
  nested(writer, 8, (opset) => opset.tag(2, WireType.Varint).int64(13));
  return writer.finish();
}

/** Examples whose class is the input that is greatest: a classifier of unit matrices knows it. */
export function greatest(count: number, inputs: number, number: () => number): LabelledData {
  const data = Array.from({ length: count * inputs }, number);
  const labels = Array.from({ length: count }, (_, i) => {
    const row = data.slice(i * inputs, (i + 1) * inputs);
    return row.indexOf(Math.max(...row));
  });
  return { images: { shape: [count, inputs], data }, labels: { shape: [count], data: labels } };
}
