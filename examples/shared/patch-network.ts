/** A small network for digits that looks at blocks of 4 x 4 pixels, then at blocks with their neighbours. Untrained. */
import { buildGraph, type EncodedNode, encodeOnnx, parseOnnx } from '@tacit/onnx';

type Graph = ReturnType<typeof buildGraph>;

const SIDE = 28;
const WIDTH = 64;

/**
 * The network as a file: what it takes is standardised first.
 * @param mean of what it will see, for each pixel
 * @param deviation of the same
 */
export function patchNetworkFile(mean: Float32Array, deviation: Float32Array): Uint8Array {
  const nodes: EncodedNode[] = [];
  const initializers = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  const add = (op: string, inputs: string[], attributes: EncodedNode['attributes'] = {}): string => {
    const name = `${op}_${nodes.length}`;
    nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  };
  const constant = (values: Float32Array): string => {
    const name = `Constant_${nodes.length}`;
    nodes.push({
      op: 'Constant',
      name,
      inputs: [],
      outputs: [name],
      attributes: {},
      constant: { shape: [SIDE, SIDE], data: values },
    });
    return name;
  };
  const weights = (name: string, shape: readonly number[]): string[] => {
    const size = shape.reduce((a, b) => a * b, 1);
    initializers.set(`${name}.weight`, { shape, data: new Float32Array(size) });
    initializers.set(`${name}.bias`, { shape: [shape[0]], data: new Float32Array(shape[0]) });
    return [`${name}.weight`, `${name}.bias`];
  };
  const conv = (x: string, name: string, shape: readonly number[], stride: number, pad: number): string => {
    const attributes = {
      kernel_shape: { ints: shape.slice(2) },
      strides: { ints: [stride, stride] },
      pads: { ints: [pad, pad, pad, pad] },
    };
    return add('Relu', [add('Conv', [x, ...weights(name, shape)], attributes)]);
  };
  let x = add('Div', [add('Sub', ['input', constant(mean)]), constant(deviation)]);
  x = conv(x, 'blocks', [WIDTH, 1, 4, 4], 4, 0);
  x = conv(x, 'around', [WIDTH / 2, WIDTH, 3, 3], 1, 1);
  x = add('Flatten', [x], { axis: { i: 1 } });
  nodes.push({
    op: 'Gemm',
    name: 'logits',
    inputs: [x, ...weights('last', [10, (WIDTH / 2) * 49])],
    outputs: ['logits'],
    attributes: { transB: { i: 1 } },
  });
  return encodeOnnx({
    opset: 17,
    name: 'digits',
    inputs: [{ name: 'input', type: 'float', shape: ['batch', 1, 28, 28] }],
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', 10] }],
    nodes,
    initializers,
  });
}

/** The network as a graph that can be trained. */
export const patchNetwork = (mean: Float32Array, deviation: Float32Array): Graph =>
  buildGraph(parseOnnx(patchNetworkFile(mean, deviation)), { trainable: true });
