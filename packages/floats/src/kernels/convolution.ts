/**
 * Convolutions and their gradients. A kernel of one element is a matrix product over the image as it lies; one channel a
 * group goes plane by plane; everything else by way of patches, some rows of the output at a time.
 */
import { type Attributes, asWindow2d, type Linearization, type Window2d } from '@tacit/graph';
import type { PatchArguments } from '../kernels.js';
import type { FloatTensor, Machine } from '../machine.js';

type Conv = Attributes<'Conv'>;

/** Numbers in the patches of some rows of the output: 1 MiB, which stays in the second cache. */
const PATCHES = 2 ** 18;

interface Layer extends Window2d {
  readonly batch: number;
  readonly group: number;
  /** Channels of a group before and behind. */
  readonly channels: number;
  readonly outputs: number;
  readonly inPlane: number;
  readonly outPlane: number;
  readonly taps: number;
}

function layerOf(
  x: readonly number[],
  weight: readonly number[],
  y: readonly number[],
  attributes: Conv,
): Layer {
  const window = asWindow2d(x, y, attributes);
  const { group } = attributes;
  return {
    ...window,
    batch: x[0],
    group,
    channels: weight[1],
    outputs: weight[0] / group,
    inPlane: window.height * window.width,
    outPlane: window.outHeight * window.outWidth,
    taps: window.kernel[0] * window.kernel[1],
  };
}

/** Whether the patches of the image are the image itself. */
const isPointwise = ({ taps, strides, pads }: Layer): boolean =>
  taps === 1 && strides[0] === 1 && strides[1] === 1 && pads.every((pad) => pad === 0);

/** Whether each channel is convolved by itself. */
const isDepthwise = ({ channels, outputs, group }: Layer): boolean =>
  channels === 1 && outputs === 1 && group > 1;

/** Calls f for groups of output rows whose patches fit. */
function eachPart(layer: Layer, f: (first: number, rows: number) => void): void {
  const oneRow = layer.channels * layer.taps * layer.outWidth;
  const atOnce = Math.max(1, Math.floor(PATCHES / Math.max(1, oneRow)));
  for (let first = 0; first < layer.outHeight; first += atOnce)
    f(first, Math.min(atOnce, layer.outHeight - first));
}

const patchBytes = (layer: Layer): number => {
  const oneRow = layer.channels * layer.taps * layer.outWidth * 4;
  return Math.max(oneRow, Math.min(PATCHES * 4, oneRow * layer.outHeight));
};

const patchArguments = (layer: Layer, first: number, rows: number): PatchArguments => [
  layer.channels,
  layer.height,
  layer.width,
  ...layer.kernel,
  ...layer.strides,
  ...layer.dilations,
  layer.pads[0],
  layer.pads[1],
  layer.outWidth,
  first,
  rows,
];

/** Calls f for every image and group, with byte offsets of its parts of input, weights and output. */
function eachGroup(
  { batch, group, channels, outputs, inPlane, outPlane, taps }: Layer,
  f: (input: number, weight: number, output: number) => void,
): void {
  for (let part = 0; part < batch * group; part++)
    f(
      part * channels * inPlane * 4,
      (part % group) * outputs * channels * taps * 4,
      part * outputs * outPlane * 4,
    );
}

export function conv(
  m: Machine,
  [x, weight, bias]: readonly FloatTensor[],
  attributes: Conv,
  [shape]: readonly (readonly number[])[],
): readonly FloatTensor[] {
  const layer = layerOf(x.shape, weight.shape, shape, attributes);
  const y = m.take(shape);
  const { outputs, group, batch, outPlane, channels, taps } = layer;
  if (y.data.length === 0) return [y];
  m.at([x, weight, y], (xs, ws, ys) => {
    if (isDepthwise(layer)) {
      depthwise(m, layer, xs, ws, ys, bias);
      return;
    }
    for (let plane = 0; plane < batch * group * outputs; plane++)
      y.data.fill(bias ? bias.data[plane % (group * outputs)] : 0, plane * outPlane, (plane + 1) * outPlane);
    const depth = channels * taps;
    const multiply = (to: number, w: number, columns: number, count: number) =>
      m.kernels.gemm(to, w, columns, outputs, depth, count, depth, 1, count, 1, outPlane, 1, m.work);
    if (isPointwise(layer))
      eachGroup(layer, (input, w, output) => multiply(ys + output, ws + w, xs + input, outPlane));
    else
      m.borrow(patchBytes(layer), (patches) =>
        eachGroup(layer, (input, w, output) =>
          eachPart(layer, (first, rows) => {
            m.kernels.gatherPatches(patches, xs + input, ...patchArguments(layer, first, rows));
            multiply(ys + output + first * layer.outWidth * 4, ws + w, patches, rows * layer.outWidth);
          }),
        ),
      );
  });
  return [y];
}

export function convGradient(
  m: Machine,
  { inputs: [x, weight, bias], dy: [dy], attributes, needed }: Linearization<FloatTensor, Conv>,
): readonly (FloatTensor | undefined)[] {
  const layer = layerOf(x.shape, weight.shape, dy.shape, attributes);
  return [
    needed[0] ? inputCotangent(m, layer, x.shape, weight, dy) : undefined,
    needed[1] ? weightCotangent(m, layer, x, weight.shape, dy) : undefined,
    bias && needed[2] ? biasCotangent(m, layer, dy) : undefined,
  ];
}

function biasCotangent(m: Machine, layer: Layer, dy: FloatTensor): FloatTensor {
  const channels = layer.group * layer.outputs;
  return m.borrow(channels * 8, (sums) => {
    const totals = m.doubles(sums, channels).fill(0);
    m.at([dy], (at) => m.kernels.sumPlanes(sums, at, layer.batch * channels, channels, layer.outPlane));
    return m.tensor([channels], totals);
  });
}

function inputCotangent(
  m: Machine,
  layer: Layer,
  shape: readonly number[],
  weight: FloatTensor,
  dy: FloatTensor,
): FloatTensor {
  const dx = m.take(shape);
  const { outputs, channels, taps, outPlane } = layer;
  if (dx.data.length === 0) return dx;
  m.at([dx, weight, dy], (to, ws, ys) => {
    if (isDepthwise(layer)) {
      depthwiseBack(m, layer, to, ws, ys);
      return;
    }
    const depth = channels * taps;
    // The transposed weights times the cotangents of some columns of the output.
    const multiply = (out: number, w: number, from: number, count: number, accumulate: number) =>
      m.kernels.gemm(out, w, from, depth, outputs, count, 1, depth, outPlane, 1, count, accumulate, m.work);
    if (isPointwise(layer)) {
      eachGroup(layer, (input, w, output) => multiply(to + input, ws + w, ys + output, outPlane, 0));
      return;
    }
    dx.data.fill(0);
    m.borrow(patchBytes(layer), (patches) =>
      eachGroup(layer, (input, w, output) =>
        eachPart(layer, (first, rows) => {
          multiply(patches, ws + w, ys + output + first * layer.outWidth * 4, rows * layer.outWidth, 0);
          m.kernels.scatterPatches(to + input, patches, ...patchArguments(layer, first, rows));
        }),
      ),
    );
  });
  return dx;
}

function weightCotangent(
  m: Machine,
  layer: Layer,
  x: FloatTensor,
  shape: readonly number[],
  dy: FloatTensor,
): FloatTensor {
  const dw = m.zeros(shape);
  const { outputs, channels, taps, outPlane } = layer;
  if (dw.data.length === 0 || dy.data.length === 0) return dw;
  m.at([dw, x, dy], (to, xs, ys) => {
    if (isDepthwise(layer)) {
      depthwiseWeights(m, layer, to, xs, ys);
      return;
    }
    const depth = channels * taps;
    // The cotangents of some columns of the output times the transposed patches.
    const multiply = (w: number, from: number, columns: number, count: number) =>
      m.kernels.gemm(to + w, from, columns, outputs, count, depth, outPlane, 1, 1, count, depth, 1, m.work);
    if (isPointwise(layer))
      eachGroup(layer, (input, w, output) => multiply(w, ys + output, xs + input, outPlane));
    else
      m.borrow(patchBytes(layer), (patches) =>
        eachGroup(layer, (input, w, output) =>
          eachPart(layer, (first, rows) => {
            m.kernels.gatherPatches(patches, xs + input, ...patchArguments(layer, first, rows));
            multiply(w, ys + output + first * layer.outWidth * 4, patches, rows * layer.outWidth);
          }),
        ),
      );
  });
  return dw;
}

/** Vectors read over the end of a row by less than this. */
const SLACK = 8;

/** Runs something with room for a padded plane of rows x row numbers and the offsets of all taps in it. */
function withPlane(
  m: Machine,
  layer: Layer,
  rows: number,
  row: number,
  turned: boolean,
  f: (plane: number, offsets: number) => void,
): void {
  const { kernel, dilations, taps } = layer;
  const planeBytes = (rows * row + 2 * SLACK) * 4;
  m.borrow(planeBytes, (plane) =>
    m.borrow(taps * 4, (offsets) => {
      const table = m.words(offsets, taps);
      for (let tap = 0; tap < taps; tap++) {
        const [y, x] = [Math.floor(tap / kernel[1]), tap % kernel[1]];
        const [down, right] = turned ? [kernel[0] - 1 - y, kernel[1] - 1 - x] : [y, x];
        table[tap] = (down * dilations[0] * row + right * dilations[1]) * 4;
      }
      f(plane, offsets);
    }),
  );
}

const vectorsOf = (width: number): number => Math.ceil(width / 4);

/** Rows and their length of an input plane with everything that windows see of it. */
function paddedInput({ kernel, strides, dilations, outHeight, outWidth }: Layer): [number, number] {
  return [
    (outHeight - 1) * strides[0] + (kernel[0] - 1) * dilations[0] + 1,
    vectorsOf(outWidth) * 4 * strides[1] + (kernel[1] - 1) * dilations[1] + SLACK,
  ];
}

function depthwise(
  m: Machine,
  layer: Layer,
  xs: number,
  ws: number,
  ys: number,
  bias: FloatTensor | undefined,
): void {
  const { height, width, pads, strides, taps, group, outHeight, outWidth } = layer;
  const [rows, row] = paddedInput(layer);
  let channel = 0;
  withPlane(m, layer, rows, row, false, (plane, offsets) =>
    eachGroup(layer, (input, w, output) => {
      m.kernels.padPlane(plane, rows, row, xs + input, height, width, pads[0], pads[1], 1, 1);
      const b = bias ? bias.data[channel++ % group] : 0;
      m.kernels.convolvePlane(
        ys + output,
        outHeight,
        outWidth,
        plane,
        row,
        ws + w,
        offsets,
        taps,
        ...strides,
        b,
      );
    }),
  );
}

/** The cotangent with zeros between its elements, convolved with the kernel turned around. */
function depthwiseBack(m: Machine, layer: Layer, to: number, ws: number, ys: number): void {
  const { height, width, kernel, dilations, strides, pads, taps, outHeight, outWidth } = layer;
  const rows = height + (kernel[0] - 1) * dilations[0];
  const row = vectorsOf(width) * 4 + (kernel[1] - 1) * dilations[1] + SLACK;
  const top = (kernel[0] - 1) * dilations[0] - pads[0];
  const left = (kernel[1] - 1) * dilations[1] - pads[1];
  withPlane(m, layer, rows, row, true, (plane, offsets) =>
    eachGroup(layer, (input, w, output) => {
      m.kernels.padPlane(plane, rows, row, ys + output, outHeight, outWidth, top, left, ...strides);
      m.kernels.convolvePlane(to + input, height, width, plane, row, ws + w, offsets, taps, 1, 1, 0);
    }),
  );
}

function depthwiseWeights(m: Machine, layer: Layer, to: number, xs: number, ys: number): void {
  const { height, width, pads, strides, taps, outHeight, outWidth } = layer;
  const [rows, row] = paddedInput(layer);
  const vectors = vectorsOf(outWidth);
  withPlane(m, layer, rows, row, false, (plane, offsets) =>
    m.borrow(outHeight * vectors * 16, (dy) =>
      eachGroup(layer, (input, w, output) => {
        m.kernels.padPlane(plane, rows, row, xs + input, height, width, pads[0], pads[1], 1, 1);
        m.kernels.padPlane(dy, outHeight, vectors * 4, ys + output, outHeight, outWidth, 0, 0, 1, 1);
        m.kernels.correlatePlane(to + w, dy, outHeight, vectors, plane, row, offsets, taps, ...strides);
      }),
    ),
  );
}
