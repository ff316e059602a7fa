// Convolution without patches in memory. The image is staged with its padding; a table holds, for each term of
// the inner product (channel, row, column of the kernel), its distance from the upper left corner of a window.
// A tile of four output positions by two output channels then reads its terms through the table: seven loads and
// four address sums beside eight multiplications, which still fits under the multiplier.

const KC = 256;

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

/** Pairs of filters, term by term; a missing last one is zero. `ldw` words lie between filters. */
export function packFilters(to: usize, w: usize, filters: i32, terms: i32, ldw: i32): void {
  for (let f = 0; f < filters; f += 2) {
    const w0 = w + ((<usize>f * <usize>ldw) << 3);
    const w1 = w0 + ((<usize>ldw) << 3);
    const both = f + 1 < filters;
    for (let t: usize = 0; t < (<usize>terms) << 3; t += 8) {
      store<u64>(to, load<u64>(w0 + t));
      store<u64>(to, both ? load<u64>(w1 + t) : 0, 8);
      to += 16;
    }
  }
}

/** Four positions by two filters. */
function tile2(
  out: usize, ldo: usize, p0: usize, p1: usize, p2: usize, p3: usize, table: usize, w: usize, terms: i32,
  positions: i32, accumulate: bool,
): void {
  let a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, b0: u64 = 0, b1: u64 = 0, b2: u64 = 0, b3: u64 = 0;
  const end = table + ((<usize>terms) << 2);
  for (; table < end; table += 4, w += 16) {
    const at = <usize>load<u32>(table);
    const x = load<u64>(w);
    const y = load<u64>(w, 8);
    let z = load<u64>(p0 + at);
    a0 += x * z;
    b0 += y * z;
    z = load<u64>(p1 + at);
    a1 += x * z;
    b1 += y * z;
    z = load<u64>(p2 + at);
    a2 += x * z;
    b2 += y * z;
    z = load<u64>(p3 + at);
    a3 += x * z;
    b3 += y * z;
  }
  put(out, positions, accumulate, a0, a1, a2, a3);
  put(out + ldo, positions, accumulate, b0, b1, b2, b3);
}

/** Four positions by one filter of a pair. */
function tile1(
  out: usize, p0: usize, p1: usize, p2: usize, p3: usize, table: usize, w: usize, terms: i32, positions: i32,
  accumulate: bool,
): void {
  let a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0;
  const end = table + ((<usize>terms) << 2);
  for (; table < end; table += 4, w += 16) {
    const at = <usize>load<u32>(table);
    const x = load<u64>(w);
    a0 += x * load<u64>(p0 + at);
    a1 += x * load<u64>(p1 + at);
    a2 += x * load<u64>(p2 + at);
    a3 += x * load<u64>(p3 + at);
  }
  put(out, positions, accumulate, a0, a1, a2, a3);
}

// @ts-ignore: decorator
@inline
function put(out: usize, positions: i32, accumulate: bool, x0: u64, x1: u64, x2: u64, x3: u64): void {
  if (accumulate) {
    x0 += load<u64>(out);
    if (positions > 1) x1 += load<u64>(out, 8);
    if (positions > 2) x2 += load<u64>(out, 16);
    if (positions > 3) x3 += load<u64>(out, 24);
  }
  store<u64>(out, x0);
  if (positions > 1) store<u64>(out, x1, 8);
  if (positions > 2) store<u64>(out, x2, 16);
  if (positions > 3) store<u64>(out, x3, 24);
}

/** out[f, y, x] (+)= sum over terms of filter[f, t] * image[window(y, x) + table[t]], for filters x outRows x
 *  outCols; `ldo` words lie between the planes of out. `starts` is work space of 4 * outRows * outCols bytes. */
export function convTiles(
  out: usize, image: usize, table: usize, filters: usize, count: i32, terms: i32, outRows: i32, outCols: i32,
  strideH: i32, strideW: i32, ld: i32, ldo: i32, accumulate: bool, starts: usize,
): void {
  let at = starts;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outCols; x++, at += 4) {
      store<u32>(at, <u32>image + (<u32>(y * strideH * ld + x * strideW) << 3));
    }
  }
  const positions = outRows * outCols;
  const outStep = (<usize>ldo) << 3;
  for (let t = 0; t < terms; t += KC) {
    const depth = min(KC, terms - t);
    const add = accumulate || t > 0;
    const offsets = table + ((<usize>t) << 2);
    for (let f = 0; f < count; f += 2) {
      const w = filters + ((<usize>f * <usize>terms) << 3) + ((<usize>t) << 4);
      const to = out + <usize>f * outStep;
      for (let p = 0; p < positions; p += 4) {
        const left = positions - p;
        const s = starts + ((<usize>p) << 2);
        const p0 = <usize>load<u32>(s);
        const p1 = left > 1 ? <usize>load<u32>(s, 4) : p0;
        const p2 = left > 2 ? <usize>load<u32>(s, 8) : p0;
        const p3 = left > 3 ? <usize>load<u32>(s, 12) : p0;
        const o = to + ((<usize>p) << 3);
        if (f + 1 < count) tile2(o, outStep, p0, p1, p2, p3, offsets, w, depth, left, add);
        else tile1(o, p0, p1, p2, p3, offsets, w, depth, left, add);
      }
    }
  }
}

/** out[y, x] = sum over terms of image[window(y, x) + table[t]] of one plane. */
export function windowSums(
  out: usize, image: usize, table: usize, terms: i32, outRows: i32, outCols: i32, strideH: i32, strideW: i32, ld: i32,
): void {
  const end = table + ((<usize>terms) << 2);
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outCols; x++, out += 8) {
      const start = image + ((<usize>(y * strideH * ld + x * strideW)) << 3);
      let s: u64 = 0;
      for (let t = table; t < end; t += 4) s += load<u64>(start + <usize>load<u32>(t));
      store<u64>(out, s);
    }
  }
}
