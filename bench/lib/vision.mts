/** Networks for ImageNet as exporters write them for inference: batch normalisation folded into the convolutions. */
import { RandomGraph } from './random-graph.mts';

/** Height and width of the image. */
export const IMAGE = 224;
const CLASSES = 1000;

/** A value of the graph and how many channels it has. */
interface Features {
  readonly name: string;
  readonly channels: number;
}

interface ConvOptions {
  readonly kernel?: number;
  readonly stride?: number;
  readonly group?: number;
  /** Times the deviation that keeps the size of values through a layer and the ReLU after it. */
  readonly gain?: number;
}

/** The layers that the networks below are made of. */
class VisionGraph {
  readonly graph = new RandomGraph();
  #count = 0;

  conv(
    x: Features,
    channels: number,
    { kernel = 3, stride = 1, group = 1, gain = 1 }: ConvOptions = {},
  ): Features {
    const name = `conv${this.#count++}`;
    const taps = (x.channels / group) * kernel * kernel;
    const shape = [channels, x.channels / group, kernel, kernel];
    const weight = this.graph.constant(`${name}.w`, shape, gain * Math.sqrt(2 / taps));
    const bias = this.graph.constant(`${name}.b`, [channels], 0.02);
    return this.#node('Conv', channels, [x.name, weight, bias], {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: Array(4).fill(kernel >> 1) },
      group: { i: group },
    });
  }

  relu = (x: Features) => this.#node('Relu', x.channels, [x.name]);

  relu6(x: Features): Features {
    const bounds = [this.graph.given('zero', [], [0]), this.graph.given('six', [], [6])];
    return this.#node('Clip', x.channels, [x.name, ...bounds]);
  }

  add = (x: Features, y: Features) => this.#node('Add', x.channels, [x.name, y.name]);

  maxPool(x: Features, kernel: number, pad: number): Features {
    return this.#node('MaxPool', x.channels, [x.name], {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [2, 2] },
      pads: { ints: Array(4).fill(pad) },
    });
  }

  globalAverage(x: Features): Features {
    const pooled = this.#node('GlobalAveragePool', x.channels, [x.name]);
    return this.flatten(pooled, x.channels);
  }

  flatten = (x: Features, size: number) => this.#node('Flatten', size, [x.name]);

  /** A layer whose weight is written transposed, as PyTorch's are. */
  linear(x: Features, outputs: number, output?: string): Features {
    const name = `linear${this.#count++}`;
    const weight = this.graph.constant(`${name}.w`, [outputs, x.channels], Math.sqrt(2 / x.channels));
    const bias = this.graph.constant(`${name}.b`, [outputs], 0.02);
    return this.#node('Gemm', outputs, [x.name, weight, bias], { transB: { i: 1 } }, output);
  }

  file(x: Features): Uint8Array {
    this.linear(x, CLASSES, 'logits');
    return this.graph.file(
      { name: 'image', shape: [1, 3, IMAGE, IMAGE] },
      { name: 'logits', shape: [1, CLASSES] },
    );
  }

  #node(op: string, channels: number, ...rest: NodeArguments): Features {
    return { name: this.graph.node(op, ...rest), channels };
  }
}

type NodeArguments = Parameters<RandomGraph['node']> extends [string, ...infer Rest] ? Rest : never;

const image: Features = { name: 'image', channels: 3 };

/** The part of a residual block that the input is added to. Its gain keeps the sums of many blocks in their range. */
const RESIDUAL = 0.5;

function resnet(blocks: readonly number[], bottleneck: boolean): Uint8Array {
  const net = new VisionGraph();
  let x = net.maxPool(net.relu(net.conv(image, 64, { kernel: 7, stride: 2 })), 3, 1);
  blocks.forEach((count, stage) => {
    const inner = 64 << stage;
    const outer = bottleneck ? 4 * inner : inner;
    for (let i = 0; i < count; i++) {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      const branch = bottleneck
        ? net.conv(
            net.relu(net.conv(net.relu(net.conv(x, inner, { kernel: 1 })), inner, { stride })),
            outer,
            { kernel: 1, gain: RESIDUAL },
          )
        : net.conv(net.relu(net.conv(x, inner, { stride })), outer, { gain: RESIDUAL });
      const straight =
        stride === 1 && x.channels === outer
          ? x
          : net.conv(x, outer, { kernel: 1, stride, gain: Math.SQRT1_2 });
      x = net.relu(net.add(branch, straight));
    }
  });
  return net.file(net.globalAverage(x));
}

function mobileNet2(): Uint8Array {
  const net = new VisionGraph();
  let x = net.relu6(net.conv(image, 32, { stride: 2 }));
  for (const [expand, channels, count, firstStride] of [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ])
    for (let i = 0; i < count; i++) {
      const stride = i === 0 ? firstStride : 1;
      const inner = expand * x.channels;
      const wide = expand === 1 ? x : net.relu6(net.conv(x, inner, { kernel: 1 }));
      const deep = net.relu6(net.conv(wide, inner, { stride, group: inner }));
      const added = stride === 1 && x.channels === channels;
      const narrow = net.conv(deep, channels, { kernel: 1, gain: added ? RESIDUAL : Math.SQRT1_2 });
      x = added ? net.add(x, narrow) : narrow;
    }
  return net.file(net.globalAverage(net.relu6(net.conv(x, 1280, { kernel: 1 }))));
}

function vgg16(): Uint8Array {
  const net = new VisionGraph();
  let x = image;
  for (const [channels, count] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ]) {
    for (let i = 0; i < count; i++) x = net.relu(net.conv(x, channels));
    x = net.maxPool(x, 2, 0);
  }
  x = net.flatten(x, 512 * 7 * 7);
  x = net.relu(net.linear(x, 4096));
  return net.file(net.relu(net.linear(x, 4096)));
}

/** Makers of the files, by name. */
export const VISION_MODELS: Readonly<Record<string, () => Uint8Array>> = {
  resnet18: () => resnet([2, 2, 2, 2], false),
  resnet50: () => resnet([3, 4, 6, 3], true),
  mobilenet2: mobileNet2,
  vgg16,
};
