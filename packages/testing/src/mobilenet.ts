/**
 * MobileNetV2 (Sandler and others: "MobileNetV2: Inverted Residuals and Linear Bottlenecks", table 2) as an ONNX file with
 * random weights: batch normalisation stands beside the convolutions, as a network is that is still to be trained.
 */
import { type EncodedAttribute, type EncodedNode, type EncodedTensor, encodeOnnx } from '@tacit/onnx';

/** Expansion, channels, repetitions and first stride of the blocks. */
const BLOCKS = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** What may be smaller than in the paper. */
export interface MobileNetOptions {
  /** Times the channels, which stay multiples of 8; default 1. */
  readonly width?: number;
  /** Default 1000. */
  readonly classes?: number;
  /** Height and width of an image; default 224. */
  readonly image?: number;
  /** Which weights. */
  readonly seed?: number;
}

/**
 * Numbers between -1 and 1, the same for the same seed (Marsaglia: "Xorshift RNGs").
 *
 * @param seed Any whole number.
 * @returns What gives the next number.
 */
export function seededNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 88172645) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/**
 * The bytes of a network.
 *
 * @param options What may be smaller than in the paper.
 * @returns An ONNX file with the input "image", [batch, 3, height, width], and the output "logits", [batch, classes].
 */
export function mobileNetV2({
  width = 1,
  classes = 1000,
  image = 224,
  seed = 1,
}: MobileNetOptions = {}): Uint8Array {
  const next = seededNumbers(seed);
  const initializers = new Map<string, EncodedTensor>([
    ['zero', { shape: [], data: [0] }],
    ['six', { shape: [], data: [6] }],
  ]);
  const nodes: EncodedNode[] = [];
  const stored = (name: string, shape: readonly number[], value: () => number): string => {
    const count = shape.reduce((product, d) => product * d, 1);
    initializers.set(name, { shape, data: Float32Array.from({ length: count }, value) });
    return name;
  };
  const node = (op: string, inputs: readonly string[], attributes: Record<string, EncodedAttribute> = {}) => {
    const name = `${op.toLowerCase()}${nodes.length}`;
    nodes.push({ op, name, inputs, outputs: [name], attributes });
    return name;
  };
  const channelsOf = (channels: number) => Math.max(8, Math.round((channels * width) / 8) * 8);

  const conv = (x: string, from: number, to: number, kernel: number, stride: number, group: number) => {
    const name = `layer${nodes.length}`;
    const taps = (from / group) * kernel * kernel;
    // Uniform numbers of the variance 2 / taps keep the size of values (He and others, 2015).
    const weight = stored(
      `${name}.weight`,
      [to, from / group, kernel, kernel],
      () => next() * Math.sqrt(6 / taps),
    );
    const made = node('Conv', [x, weight], {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: new Array<number>(4).fill(kernel >> 1) },
      group: { i: group },
    });
    const vectors = [
      stored(`${name}.scale`, [to], () => 1 + 0.2 * next()),
      stored(`${name}.shift`, [to], () => 0.2 * next()),
      stored(`${name}.mean`, [to], () => 0.1 * next()),
      stored(`${name}.variance`, [to], () => 1 + 0.5 * next()),
    ];
    return node('BatchNormalization', [made, ...vectors], { epsilon: { f: 1e-5 } });
  };
  const relu6 = (x: string) => node('Clip', [x, 'zero', 'six']);

  let channels = channelsOf(32);
  let x = relu6(conv('image', 3, channels, 3, 2, 1));
  for (const [expansion, wide, repetitions, firstStride] of BLOCKS)
    for (let i = 0; i < repetitions; i++) {
      const [to, stride] = [channelsOf(wide), i === 0 ? firstStride : 1];
      const hidden = channels * expansion;
      const expanded = expansion === 1 ? x : relu6(conv(x, channels, hidden, 1, 1, 1));
      const seen = relu6(conv(expanded, hidden, hidden, 3, stride, hidden));
      const projected = conv(seen, hidden, to, 1, 1, 1);
      x = stride === 1 && to === channels ? node('Add', [x, projected]) : projected;
      channels = to;
    }
  const last = width > 1 ? channelsOf(1280) : 1280;
  x = relu6(conv(x, channels, last, 1, 1, 1));
  x = node('Flatten', [node('GlobalAveragePool', [x])], { axis: { i: 1 } });
  const weight = stored('classifier.weight', [classes, last], () => next() * Math.sqrt(3 / last));
  const bias = stored('classifier.bias', [classes], () => 0.1 * next());
  nodes.push({
    op: 'Gemm',
    name: 'classifier',
    inputs: [x, weight, bias],
    outputs: ['logits'],
    attributes: { transB: { i: 1 } },
  });
  return encodeOnnx({
    opset: 17,
    name: 'mobilenet-v2',
    inputs: [{ name: 'image', type: 'float', shape: ['batch', 3, image, image] }],
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', classes] }],
    nodes,
    initializers,
  });
}
