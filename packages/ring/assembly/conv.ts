// Convolution without the matrix of patches in memory. The image is staged with its padding; `starts` holds the
// address of the upper left corner of each window, `table` the distance from there of each term of the inner
// product (channel, row and column of the kernel). Sixteen terms of 128 windows at a time are gathered into a panel
// of the matrix product and multiplied by all filters while they lie in the first cache. One filter (depthwise
// convolution) reads its terms through the table directly.
import { panelTimesRows } from './panel';

const NC = 128;

/** Copies channels x rows x cols into planes of planeWords with rows of ld words, at row top and column left.
 *  Everything else of each plane becomes zero. */
export function padPlanes(
  to: usize, from: usize, channels: i32, rows: i32, cols: i32, planeWords: i32, ld: i32, top: i32, left: i32,
): void {
  const row = (<usize>cols) << 3;
  if (planeWords != rows * cols) memory.fill(to, 0, (<usize>channels * <usize>planeWords) << 3);
  for (let ch = 0; ch < channels; ch++) {
    let at = to + ((<usize>(top * ld + left)) << 3);
    for (let r = 0; r < rows; r++) {
      for (let j: usize = 0; j < row; j += 8) store<u64>(at + j, load<u64>(from + j));
      from += row;
      at += (<usize>ld) << 3;
    }
    to += (<usize>planeWords) << 3;
  }
}

/** Byte distances of the terms of one window, as u32, in the order channel, kernel row, kernel column. */
export function windowTable(
  table: usize, channels: i32, kh: i32, kw: i32, dilationH: i32, dilationW: i32, planeWords: i32, ld: i32,
): void {
  for (let ch = 0; ch < channels; ch++) {
    for (let y = 0; y < kh; y++) {
      for (let x = 0; x < kw; x++) {
        store<u32>(table, <u32>(ch * planeWords + y * dilationH * ld + x * dilationW) << 3);
        table += 4;
      }
    }
  }
}

/** Addresses of the windows of outRows x outCols outputs, as u32. */
export function windowStarts(
  starts: usize, image: usize, outRows: i32, outCols: i32, strideH: i32, strideW: i32, ld: i32,
): void {
  for (let y = 0; y < outRows; y++) {
    let at = <u32>image + (<u32>(y * strideH * ld) << 3);
    for (let x = 0; x < outCols; x++, starts += 4, at += <u32>strideW << 3) store<u32>(starts, at);
  }
}

/** Terms [0, depth) of each window as columns of a panel. */
function gatherPanel(depth: i32, to: usize, table: usize, starts: usize, cols: i32): void {
  const end = starts + ((<usize>cols) << 2);
  const stop = table + ((<usize>depth) << 2);
  if (depth == 1) {
    const shift = <usize>load<u32>(table);
    for (; starts < end; starts += 4, to += 8) store<u64>(to, load<u64>(<usize>load<u32>(starts) + shift));
    return;
  }
  for (; starts < end; starts += 4) {
    const window = <usize>load<u32>(starts);
    for (let t = table; t < stop; t += 16, to += 32) {
      store<u64>(to, load<u64>(window + <usize>load<u32>(t)));
      store<u64>(to, load<u64>(window + <usize>load<u32>(t, 4)), 8);
      store<u64>(to, load<u64>(window + <usize>load<u32>(t, 8)), 16);
      store<u64>(to, load<u64>(window + <usize>load<u32>(t, 12)), 24);
    }
  }
}

/** out[f, p] += sum over t of filters[f, t] * image[starts[p] + table[t]]. `terms` words lie between filters, `ldo`
 *  between rows of out; `work` is one panel (GEMM_WORK bytes). */
export function convPanels(
  out: usize, table: usize, filters: usize, count: i32, terms: i32, starts: usize, positions: i32, ldo: i32, work: usize,
): void {
  const ldw = (<usize>terms) << 3;
  const outStep = (<usize>ldo) << 3;
  for (let p = 0; p < positions; p += NC) {
    const cols = min(NC, positions - p);
    const windows = starts + ((<usize>p) << 2);
    const to = out + ((<usize>p) << 3);
    for (let t = 0; t < terms; ) {
      const left = terms - t;
      const depth = left >= 16 ? 16 : left >= 8 ? 8 : left >= 4 ? 4 : 1;
      gatherPanel(depth, work, table + ((<usize>t) << 2), windows, cols);
      panelTimesRows(depth, to, work, filters + ((<usize>t) << 3), cols, count, ldw, outStep);
      t += depth;
    }
  }
}

/** The same for one filter: four windows at a time. */
export function convSingle(
  out: usize, table: usize, filter: usize, terms: i32, starts: usize, positions: i32,
): void {
  const end = table + ((<usize>terms) << 2);
  for (let p = 0; p < positions; p += 4, starts += 16, out += 32) {
    const left = positions - p;
    const p0 = <usize>load<u32>(starts);
    const p1 = left > 1 ? <usize>load<u32>(starts, 4) : p0;
    const p2 = left > 2 ? <usize>load<u32>(starts, 8) : p0;
    const p3 = left > 3 ? <usize>load<u32>(starts, 12) : p0;
    let s0: u64 = 0, s1: u64 = 0, s2: u64 = 0, s3: u64 = 0;
    let w = filter;
    for (let t = table; t < end; t += 4, w += 8) {
      const at = <usize>load<u32>(t);
      const x = load<u64>(w);
      s0 += load<u64>(p0 + at) * x;
      s1 += load<u64>(p1 + at) * x;
      s2 += load<u64>(p2 + at) * x;
      s3 += load<u64>(p3 + at) * x;
    }
    store<u64>(out, load<u64>(out) + s0);
    if (left > 1) store<u64>(out, load<u64>(out, 8) + s1, 8);
    if (left > 2) store<u64>(out, load<u64>(out, 16) + s2, 16);
    if (left > 3) store<u64>(out, load<u64>(out, 24) + s3, 24);
  }
}

/** out[p] = sum over t of image[starts[p] + table[t]] */
export function windowSums(out: usize, table: usize, terms: i32, starts: usize, positions: i32): void {
  const end = table + ((<usize>terms) << 2);
  for (let p = 0; p < positions; p++, starts += 4, out += 8) {
    const window = <usize>load<u32>(starts);
    let s: u64 = 0;
    for (let t = table; t < end; t += 4) s += load<u64>(window + <usize>load<u32>(t));
    store<u64>(out, s);
  }
}
