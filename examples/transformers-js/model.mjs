// A small network, as somebody owns one: which colour a picture has most of. Written down rather than trained.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOnnx } from '@tacit/onnx';

const SIDE = 16;
const LABELS = ['red', 'green', 'blue', 'dark'];

/** A convolution over the channels, ReLU, the mean of each channel, a layer. */
function network() {
  // Three filters follow a channel each, the fourth one what is bright in none.
  const filters = [
    [2, -0.5, -0.5],
    [-0.5, 2, -0.5],
    [-0.5, -0.5, 2],
    [-1, -1, -1],
  ];
  const weights = filters.flatMap((_, i) => filters.map((_, j) => (i === j ? 3 : -0.2)));
  const float = (shape, data) => ({ shape, data });
  const node = (op, inputs, outputs, attributes = {}) => ({ op, name: op, inputs, outputs, attributes });
  return encodeOnnx({
    opset: 17,
    name: 'colours',
    inputs: [{ name: 'pixel_values', type: 'float', shape: ['batch', 3, SIDE, SIDE] }],
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', LABELS.length] }],
    initializers: new Map([
      ['filters', float([4, 3, 1, 1], filters.flat())],
      ['offsets', float([4], [-0.5, -0.5, -0.5, -1.5])],
      ['weights', float([4, 4], weights)],
      ['biases', float([4], [0, 0, 0, 0.1])],
    ]),
    nodes: [
      node('Conv', ['pixel_values', 'filters', 'offsets'], ['c'], { kernel_shape: { ints: [1, 1] } }),
      node('Relu', ['c'], ['r']),
      node('GlobalAveragePool', ['r'], ['p']),
      node('Flatten', ['p'], ['f'], { axis: { i: 1 } }),
      node('Gemm', ['f', 'weights', 'biases'], ['logits']),
    ],
  });
}

/** Writes a folder as transformers.js loads it. */
export function writeModel(folder) {
  const json = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), network());
  json('config.json', {
    architectures: ['ResNetForImageClassification'],
    model_type: 'resnet',
    id2label: Object.fromEntries(LABELS.map((label, i) => [i, label])),
    'transformers.js_config': { dtype: 'fp32' },
  });
  json('preprocessor_config.json', {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { height: SIDE, width: SIDE },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  });
}
