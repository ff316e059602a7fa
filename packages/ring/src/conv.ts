// Convolution (cross-correlation, as in neural networks) over Z_2^64, NCHW images and OIHW filters, with stride,
// dilation, groups and padding that differs per side. Patches are gathered sixteen terms at a time into the panels
// of the matrix product (assembly/conv.ts); they never exist as a whole. Large images are worked through in bands of
// output rows, deep ones in slices of channels, so that the size of an image is not limited by the scratch memory.
import { type Core, checkInteger, checkLength } from './core.js';
import { RingShapeError } from './errors.js';
import type { Words } from './words.js';

export interface WindowSizes {
  readonly kernel: readonly [height: number, width: number];
  /** Default [1, 1]. */
  readonly stride?: readonly [number, number];
  /** Default [1, 1]. */
  readonly dilation?: readonly [number, number];
  /** Zeros around the image. Default none. */
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
}

export interface Conv2dSizes extends WindowSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  /** Default 1. Filters have inChannels / groups channels. */
  readonly groups?: number;
  /** Add to `out` instead of replacing it. */
  readonly accumulate?: boolean;
}

export interface Conv1dSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly length: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly pads?: readonly [begin: number, end: number];
  readonly groups?: number;
  readonly accumulate?: boolean;
}

export interface WindowSumSizes extends WindowSizes {
  /** Planes of the image: batch times channels. */
  readonly planes: number;
  readonly height: number;
  readonly width: number;
}

/** Words of a staged slice of an image, and of a staged block of filters or outputs. */
const SLICE_WORDS = 2 ** 19;
/** One panel: 16 terms of 128 windows. */
const PANEL_BYTES = 16 * 128 * 8;

/** Windows of an image, with defaults filled in and outputs counted. */
interface Windows {
  readonly height: number;
  readonly width: number;
  readonly kh: number;
  readonly kw: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly top: number;
  readonly left: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Width of a padded row. */
  readonly ld: number;
}

/**
 * Output height and width of a sliding window.
 * @param height input height
 * @param width input width
 * @param sizes sizes, strides, padding and groups
 * @returns output height and width
 * @throws RingShapeError where no window fits
 */
export function windowOutput(
  height: number,
  width: number,
  sizes: WindowSizes,
): [height: number, width: number] {
  const { outHeight, outWidth } = windowsOf(height, width, sizes);
  return [outHeight, outWidth];
}

function windowsOf(height: number, width: number, sizes: WindowSizes): Windows {
  const [kh, kw] = sizes.kernel;
  const [strideH, strideW] = sizes.stride ?? [1, 1];
  const [dilationH, dilationW] = sizes.dilation ?? [1, 1];
  const [top, left, bottom, right] = sizes.pads ?? [0, 0, 0, 0];
  for (const [name, values, low] of [
    ['height and width', [height, width], 0],
    ['kernel', [kh, kw], 1],
    ['stride', [strideH, strideW], 1],
    ['dilation', [dilationH, dilationW], 1],
    ['pads', [top, left, bottom, right], 0],
  ] as const)
    for (const value of values) checkInteger(`convolution: ${name}`, value, low, 2 ** 31 - 1);
  const outHeight = Math.floor((height + top + bottom - dilationH * (kh - 1) - 1) / strideH) + 1;
  const outWidth = Math.floor((width + left + right - dilationW * (kw - 1) - 1) / strideW) + 1;
  if (outHeight < 1 || outWidth < 1)
    throw new RingShapeError(
      `a kernel of ${kh} x ${kw} with dilation ${dilationH} x ${dilationW} does not fit an image of ` +
        `${height} x ${width} with pads [${top}, ${left}, ${bottom}, ${right}]`,
    );
  const ld = left + width + right;
  return {
    height,
    width,
    kh,
    kw,
    strideH,
    strideW,
    dilationH,
    dilationW,
    top,
    left,
    outHeight,
    outWidth,
    ld,
  };
}

/** Rows of the padded image that a band of output rows reads. */
function bandRows(w: Windows, outRows: number): number {
  return (outRows - 1) * w.strideH + w.dilationH * (w.kh - 1) + 1;
}

/** Output rows a band, so that one channel's slice and the outputs of `filters` filters stay small. */
function bandHeight(w: Windows, filters: number, slice: number): number {
  const fits = (rows: number): boolean =>
    bandRows(w, rows) * w.ld <= slice && filters * rows * w.outWidth <= slice;
  if (fits(w.outHeight)) return w.outHeight;
  let low = 1;
  let high = w.outHeight;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The staged areas come to some five slices; less than all of the scratch memory is left to the caller. */
function sliceWords(core: Core): number {
  return Math.max(1, Math.min(SLICE_WORDS, Math.floor(core.scratch.available / 48)));
}

/** Copies the rows that output rows [outRow, outRow + outRows) read, of `channels` planes from `start` words on. */
function stageBand(
  core: Core,
  to: number,
  raw: number,
  x: Words,
  start: number,
  channels: number,
  w: Windows,
  outRow: number,
  outRows: number,
): void {
  const rows = bandRows(w, outRows);
  const first = outRow * w.strideH - w.top;
  const from = Math.min(Math.max(first, 0), w.height);
  const stop = Math.max(from, Math.min(first + rows, w.height));
  const size = w.height * w.width;
  const count = (stop - from) * w.width;
  const whole = rows * w.ld === count;
  const target = new BigUint64Array(core.buffer, whole ? to : raw, channels * count);
  if (count === size) target.set(x.subarray(start, start + channels * size));
  else
    for (let c = 0; c < channels; c++) {
      const at = start + c * size + from * w.width;
      target.set(x.subarray(at, at + count), c * count);
    }
  if (!whole)
    core.kernels.padPlanes(
      to,
      raw,
      channels,
      stop - from,
      w.width,
      rows * w.ld,
      w.ld,
      Math.max(0, -first),
      w.left,
    );
}

/** out[n, o] (+)= sum over channels of x[n, c] correlated with w[o, c]. `out` must not overlap x or w. */
export function conv2d(core: Core, out: Words, x: Words, w: Words, sizes: Conv2dSizes): void {
  const { batch, inChannels, height, width, outChannels, groups = 1, accumulate = false } = sizes;
  for (const [name, value, low] of [
    ['batch', batch, 0],
    ['inChannels', inChannels, 0],
    ['outChannels', outChannels, 0],
    ['groups', groups, 1],
  ] as const)
    checkInteger(`conv2d: ${name}`, value, low, 2 ** 31 - 1);
  if (inChannels % groups !== 0 || outChannels % groups !== 0)
    throw new RingShapeError(
      `conv2d: ${groups} groups do not divide ${inChannels} input and ${outChannels} output channels`,
    );
  const win = windowsOf(height, width, sizes);
  const { kh, kw, outHeight, outWidth } = win;
  const depth = inChannels / groups;
  const filters = outChannels / groups;
  checkLength('conv2d: x', x.length, batch * inChannels * height * width);
  checkLength('conv2d: w', w.length, outChannels * depth * kh * kw);
  checkLength('conv2d: out', out.length, batch * outChannels * outHeight * outWidth);
  if (out.length === 0) return;
  if (depth === 0) {
    if (!accumulate) out.fill(0n);
    return;
  }
  // Blocks: filters and channels such that the filters stay small, then rows, then channels again.
  const { scratch, kernels } = core;
  const slice = sliceWords(core);
  const area = kh * kw;
  const blockFilters = Math.min(filters, Math.max(1, Math.floor(slice / area)));
  const rows = bandHeight(win, blockFilters, slice);
  const plane = bandRows(win, rows) * win.ld;
  const channelLimit = Math.min(slice / plane, slice / (blockFilters * area));
  const blockChannels = Math.min(depth, Math.max(1, Math.floor(channelLimit)));

  const image = scratch.take(blockChannels * plane * 8);
  const raw = scratch.take(blockChannels * Math.min(height, bandRows(win, rows)) * width * 8);
  const filterArea = scratch.words(blockFilters * blockChannels * area);
  const result = scratch.words(blockFilters * rows * outWidth);
  const table = scratch.take(blockChannels * area * 4);
  const starts = scratch.take(rows * outWidth * 4);
  const work = scratch.take(PANEL_BYTES);
  let staged = '';
  let tabled = '';
  kernels.windowStarts(starts, image, rows, outWidth, win.strideH, win.strideW, win.ld);

  for (let g = 0; g < groups; g++)
    for (let f0 = 0; f0 < filters; f0 += blockFilters) {
      const count = Math.min(blockFilters, filters - f0);
      const firstFilter = g * filters + f0;
      for (let n = 0; n < batch; n++)
        for (let y = 0; y < outHeight; y += rows) {
          const outRows = Math.min(rows, outHeight - y);
          const positions = outRows * outWidth;
          const outAt = (f: number): number =>
            ((n * outChannels + firstFilter + f) * outHeight + y) * outWidth;
          if (!accumulate) result.fill(0n, 0, count * positions);
          else if (outRows === outHeight) result.set(out.subarray(outAt(0), outAt(0) + count * positions));
          else
            for (let f = 0; f < count; f++)
              result.set(out.subarray(outAt(f), outAt(f) + positions), f * positions);
          for (let c = 0; c < depth; c += blockChannels) {
            const channels = Math.min(blockChannels, depth - c);
            const terms = channels * area;
            const start = (n * inChannels + g * depth + c) * height * width;
            stageBand(core, image, raw, x, start, channels, win, y, outRows);
            const bandPlane = bandRows(win, outRows) * win.ld;
            const tableKey = `${channels} ${bandPlane}`;
            if (tabled !== tableKey) {
              kernels.windowTable(table, channels, kh, kw, win.dilationH, win.dilationW, bandPlane, win.ld);
              tabled = tableKey;
            }
            const filterKey = `${firstFilter} ${c}`;
            if (staged !== filterKey) {
              for (let f = 0; f < (channels === depth ? 1 : count); f++) {
                const at = ((firstFilter + f) * depth + c) * area;
                filterArea.set(w.subarray(at, at + (channels === depth ? count * terms : terms)), f * terms);
              }
              staged = filterKey;
            }
            const to = result.byteOffset;
            if (count === 1) kernels.convSingle(to, table, filterArea.byteOffset, terms, starts, positions);
            else
              kernels.convPanels(
                to,
                table,
                filterArea.byteOffset,
                count,
                terms,
                starts,
                positions,
                positions,
                work,
              );
          }
          if (outRows === outHeight) out.set(result.subarray(0, count * positions), outAt(0));
          else
            for (let f = 0; f < count; f++)
              out.set(result.subarray(f * positions, (f + 1) * positions), outAt(f));
        }
    }
}

/** The same for sequences: x [batch, inChannels, length], w [outChannels, inChannels / groups, kernel]. */
export function conv1d(core: Core, out: Words, x: Words, w: Words, sizes: Conv1dSizes): void {
  const { length, kernel, stride = 1, dilation = 1, pads = [0, 0], ...rest } = sizes;
  conv2d(core, out, x, w, {
    ...rest,
    height: 1,
    width: length,
    kernel: [1, kernel],
    stride: [1, stride],
    dilation: [1, dilation],
    pads: [0, pads[0], 0, pads[1]],
  });
}

/** out[p] = the sum of each window of plane p: average pooling before its division. */
export function windowSum2d(core: Core, out: Words, x: Words, sizes: WindowSumSizes): void {
  const { planes, height, width } = sizes;
  checkInteger('windowSum2d: planes', planes, 0, 2 ** 31 - 1);
  const win = windowsOf(height, width, sizes);
  const { outHeight, outWidth } = win;
  checkLength('windowSum2d: x', x.length, planes * height * width);
  checkLength('windowSum2d: out', out.length, planes * outHeight * outWidth);
  const { scratch, kernels } = core;
  const rows = bandHeight(win, 1, sliceWords(core));
  const image = scratch.take(bandRows(win, rows) * win.ld * 8);
  const raw = scratch.take(Math.min(height, bandRows(win, rows)) * width * 8);
  const result = scratch.words(rows * outWidth);
  const terms = win.kh * win.kw;
  const table = scratch.take(terms * 4);
  const starts = scratch.take(rows * outWidth * 4);
  kernels.windowStarts(starts, image, rows, outWidth, win.strideH, win.strideW, win.ld);
  kernels.windowTable(table, 1, win.kh, win.kw, win.dilationH, win.dilationW, 0, win.ld);
  for (let p = 0; p < planes; p++)
    for (let y = 0; y < outHeight; y += rows) {
      const outRows = Math.min(rows, outHeight - y);
      stageBand(core, image, raw, x, p * height * width, 1, win, y, outRows);
      kernels.windowSums(result.byteOffset, table, terms, starts, outRows * outWidth);
      out.set(result.subarray(0, outRows * outWidth), (p * outHeight + y) * outWidth);
    }
}
