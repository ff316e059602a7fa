/** Small classifiers as ONNX files, and their loss and gradients in double precision, one pass over all examples. */
import {
  type ConcreteGraph,
  crossEntropy,
  evaluateWithGradients,
  type ModelGraph,
  type PlainTensor,
  plainBackend,
  specialize,
  withoutSoftmax,
} from '@tacit/graph';
import { buildGraph, type EncodedNode, type EncodedTensor, encodeOnnx, parseOnnx } from '@tacit/onnx';
import { seededNumbers } from '@tacit/testing/mobilenet';

const tensor = (shape: readonly number[], size: number, seed: number): EncodedTensor => {
  const next = seededNumbers(seed);
  return {
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => size * next()),
  };
};

const node = (
  op: string,
  inputs: readonly string[],
  attributes: EncodedNode['attributes'] = {},
): EncodedNode => ({
  op,
  name: `${op.toLowerCase()} of ${inputs[0]}`,
  inputs,
  outputs: [`${op}(${inputs[0]})`],
  attributes,
});

/** Images of 2 x 9 x 8 in 5 classes: convolutions, both pools, batch normalisation, and a softmax at the end. */
export function smallNetwork(
  batch: number | string = 'batch',
  end: 'logits' | 'Softmax' = 'logits',
): ModelGraph {
  const steps: EncodedNode[] = [];
  let last = 'image';
  const then = (op: string, others: readonly string[] = [], attributes: EncodedNode['attributes'] = {}) => {
    const made = node(op, [last, ...others], attributes);
    steps.push(made);
    last = made.outputs[0];
  };
  const kernel = (h: number, w: number, more: EncodedNode['attributes'] = {}) => ({
    kernel_shape: { ints: [h, w] },
    ...more,
  });
  then('Conv', ['w1', 'b1'], kernel(3, 3, { pads: { ints: [1, 1, 1, 1] } }));
  then('BatchNormalization', ['scale', 'shift', 'mean', 'variance'], { epsilon: { f: 1e-3 } });
  then('Relu');
  then('MaxPool', [], kernel(2, 2, { strides: { ints: [2, 2] } }));
  then(
    'Conv',
    ['w2'],
    kernel(3, 2, { group: { i: 6 }, strides: { ints: [1, 2] }, pads: { ints: [1, 0, 1, 1] } }),
  );
  then('AveragePool', [], kernel(2, 1));
  then('Flatten');
  then('Gemm', ['w3', 'b3'], { transB: { i: 1 } });
  if (end === 'Softmax') then('Softmax', [], { axis: { i: 1 } });
  const bytes = encodeOnnx({
    opset: 17,
    name: 'small',
    inputs: [{ name: 'image', type: 'float', shape: [batch, 2, 9, 8] }],
    outputs: [{ name: last, type: 'float', shape: [batch, 5] }],
    nodes: steps,
    initializers: new Map([
      ['w1', tensor([6, 2, 3, 3], 0.4, 1)],
      ['b1', tensor([6], 0.3, 2)],
      ['scale', tensor([6], 1, 3)],
      ['shift', tensor([6], 0.4, 4)],
      ['mean', tensor([6], 0.2, 5)],
      ['variance', { shape: [6], data: [1, 0.5, 2, 1.5, 0.75, 1.25] }],
      ['w2', tensor([6, 1, 3, 2], 0.7, 6)],
      ['w3', tensor([5, 36], 0.5, 7)],
      ['b3', tensor([5], 0.3, 8)],
    ]),
  });
  return buildGraph(parseOnnx(bytes), { trainable: true });
}

/** Examples with labels. */
export function examples(
  count: number,
  shape: readonly number[],
  classes: number,
  seed = 11,
): {
  readonly images: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  readonly labels: number[];
} {
  const { data } = tensor([count, ...shape], 1, seed);
  const labels = Array.from({ length: count }, (_, i) => (i * 7 + 3) % classes);
  return { images: { shape: [count, ...shape], data }, labels };
}

/** The same in double precision: the reference. */
export function inDouble(
  graph: ModelGraph,
  { images, labels }: ReturnType<typeof examples>,
): { readonly loss: number; readonly correct: number; readonly gradients: ReadonlyMap<string, PlainTensor> } {
  const [{ name }] = graph.inputs;
  const network: ConcreteGraph = withoutSoftmax(specialize(graph, { [name]: images.shape }));
  const x = { shape: images.shape, data: Float64Array.from(images.data) };
  let [loss, correct] = [0, 0];
  const parameters = new Map<string, PlainTensor>(network.parameters);
  const { gradients } = evaluateWithGradients(network, plainBackend, { [name]: x }, parameters, {
    wanted: new Set(graph.parameters.keys()),
    cotangents(outputs) {
      const [[scores, values]] = Object.entries(outputs);
      const found = crossEntropy(values, labels);
      ({ loss, correct } = found);
      return { [scores]: found.cotangent };
    },
  });
  return { loss, correct, gradients };
}
