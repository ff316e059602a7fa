// Matrix products over Z_2^64 of any size. Blocks of at most EDGE in each direction are staged in the kernels' memory
// (used where they are if they lie there already) and multiplied by packed panels, or by Strassen-Winograd above
// it, which is exact in a ring and beats the limit of one multiplication a cycle. Staging costs O(mk + kn + mn).
import { type Core, checkInteger, checkLength } from './core.js';
import type { Words } from './words.js';

export interface MatmulSizes {
  /** Rows of a and out. */
  readonly m: number;
  /** Columns of a, rows of b. */
  readonly k: number;
  /** Columns of b and out. */
  readonly n: number;
  /** Number of products; default 1. */
  readonly batch?: number;
  /** All products share one a. */
  readonly aBroadcast?: boolean;
  /** All products share one b. */
  readonly bBroadcast?: boolean;
  /** Add to `out` instead of replacing it. */
  readonly accumulate?: boolean;
}

/** Largest block in each direction: three blocks and the work space of Strassen come to some 40 MB. */
const EDGE = 1024;
/** Below this many words a block of the matrix that is read once stays in the second-level cache. */
const THIN_BLOCK = 32768;
/** A Strassen level pays off while the halves are at least this large (measured). */
const CROSSOVER = 48;
/** What a Strassen level costs relative to 1: 7/8 of the products, and the sums. */
const LEVEL_COST = 0.9;

/** out[i] (+)= a[i] times b[i] for each i of the batch; row-major. */
export function matmul(core: Core, out: Words, a: Words, b: Words, sizes: MatmulSizes): void {
  const { k, n, aBroadcast = false, bBroadcast = false, accumulate = false } = sizes;
  let { m, batch = 1 } = sizes;
  for (const [name, value] of Object.entries({ m, k, n, batch }))
    checkInteger(`matmul: ${name}`, value, 0, 2 ** 31 - 1);
  checkLength(`matmul: a of ${m} x ${k}`, a.length, (aBroadcast ? 1 : batch) * m * k);
  checkLength(`matmul: b of ${k} x ${n}`, b.length, (bBroadcast ? 1 : batch) * k * n);
  checkLength(`matmul: out of ${m} x ${n}`, out.length, batch * m * n);
  if (out.length === 0) return;
  if (k === 0) {
    if (!accumulate) out.fill(0n);
    return;
  }
  if (bBroadcast && !aBroadcast) {
    m *= batch;
    batch = 1;
  }
  for (let i = 0; i < batch; i++) {
    const c = { words: out, start: i * m * n, width: n };
    const left = { words: a, start: aBroadcast ? 0 : i * m * k, width: k };
    const right = { words: b, start: bBroadcast ? 0 : i * k * n, width: n };
    core.scoped(() => product(core, c, left, right, m, k, n, accumulate));
  }
}

/** The plain triple loop in WebAssembly: what the fast product is compared with. */
export function matmulPlain(
  core: Core,
  out: Words,
  a: Words,
  b: Words,
  m: number,
  k: number,
  n: number,
): void {
  checkLength(`matmulPlain: a of ${m} x ${k}`, a.length, m * k);
  checkLength(`matmulPlain: b of ${k} x ${n}`, b.length, k * n);
  checkLength(`matmulPlain: out of ${m} x ${n}`, out.length, m * n);
  const { scratch, kernels } = core;
  const result = scratch.words(m * n);
  kernels.gemmPlain(result.byteOffset, core.stage(a), core.stage(b), m, k, n);
  out.set(result);
}

/** A matrix inside an array, row after row. */
interface Matrix {
  readonly words: Words;
  readonly start: number;
  readonly width: number;
}

/** Where a block lies in the kernels' memory: address and distance of rows in words. */
interface Placed {
  readonly at: number;
  readonly ld: number;
}

function product(
  core: Core,
  c: Matrix,
  a: Matrix,
  b: Matrix,
  m: number,
  k: number,
  n: number,
  accumulate: boolean,
): void {
  const { kernels, scratch } = core;
  const { mb, kb, nb, mp, kp, np, levels, summed, workBytes } = planBlocks(core, m, k, n, accumulate);
  const areaA = scratch.take(mp * kp * 8);
  const areaB = scratch.take(kp * np * 8);
  const areaC = scratch.take(mp * np * 8);
  const areaP = summed ? scratch.take(mp * np * 8) : 0;
  const work = scratch.take(workBytes);
  for (let i = 0; i < m; i += mb) {
    const rows = Math.min(mb, m - i);
    for (let j = 0; j < n; j += nb) {
      const cols = Math.min(nb, n - j);
      const inPlace = core.owns(c.words) && (levels === 0 || (rows === mp && cols === np));
      const to: Placed = inPlace ? where(c, i, j) : { at: areaC, ld: np };
      if (accumulate && !inPlace) copyIn(core, to, c, i, j, rows, cols);
      let add = accumulate;
      for (let p = 0; p < k; p += kb) {
        const depth = Math.min(kb, k - p);
        if (levels === 0) {
          const x = place(core, areaA, kp, a, i, p, rows, depth);
          const y = place(core, areaB, np, b, p, j, depth, cols);
          kernels.gemm(to.at, x.at, y.at, rows, depth, cols, x.ld, y.ld, to.ld, Number(add), work);
        } else {
          const x = placePadded(core, areaA, a, i, p, rows, depth, mp, kp);
          const y = placePadded(core, areaB, b, p, j, depth, cols, kp, np);
          const target: Placed = add ? { at: areaP, ld: np } : to;
          kernels.strassen(target.at, x.at, y.at, mp, kp, np, x.ld, y.ld, target.ld, levels, work);
          if (add) kernels.addRect(to.at, to.ld, areaP, np, rows, cols);
        }
        add = true;
      }
      if (!inPlace) copyOut(core, to, c, i, j, rows, cols);
    }
  }
}

interface Plan {
  /** Block sizes, and the same padded for Strassen. */
  readonly mb: number;
  readonly kb: number;
  readonly nb: number;
  readonly mp: number;
  readonly kp: number;
  readonly np: number;
  readonly levels: number;
  /** Whether a block's product needs a place of its own before it is added. */
  readonly summed: boolean;
  readonly workBytes: number;
}

/** The largest blocks that the scratch memory has room for. */
function planBlocks(core: Core, m: number, k: number, n: number, accumulate: boolean): Plan {
  for (let edge = EDGE; ; edge /= 2) {
    const [mb, kb, nb] = blockSizes(m, k, n, edge);
    const levels = strassenLevels(mb, kb, nb);
    const [mp, kp, np] = padded(mb, kb, nb, levels);
    const summed = levels > 0 && (accumulate || kb < k);
    const workBytes = core.kernels.strassenWorkBytes(mp, kp, np, levels);
    const bytes = (mp * kp + kp * np + (summed ? 2 : 1) * mp * np) * 8 + workBytes;
    if (bytes + 1024 <= core.scratch.available || edge <= 32)
      return { mb, kb, nb, mp, kp, np, levels, summed, workBytes };
  }
}

/** Blocks of nearly equal size. Thin products read one matrix once, so their blocks stay in the cache. */
function blockSizes(m: number, k: number, n: number, edge: number): [number, number, number] {
  if (m < 4) {
    const nb = even(n, edge);
    return [m, even(k, Math.max(1, Math.floor((THIN_BLOCK * edge) / EDGE / nb))), nb];
  }
  if (n === 1) {
    const kb = even(k, 4 * edge);
    return [even(m, Math.max(1, Math.floor((THIN_BLOCK * edge) / EDGE / kb))), kb, 1];
  }
  return [even(m, edge), even(k, edge), even(n, edge)];
}

function even(size: number, limit: number): number {
  if (size <= limit) return size;
  const parts = Math.ceil(size / limit);
  return Math.min(limit, roundUp(Math.ceil(size / parts), 4));
}

const roundUp = (x: number, to: number): number => Math.ceil(x / to) * to;

/** Sizes that can be halved `levels` times, with even numbers of columns in the end. */
function padded(m: number, k: number, n: number, levels: number): [number, number, number] {
  if (levels === 0) return [m, k, n];
  const unit = 2 ** levels;
  return [roundUp(m, unit), roundUp(k, 2 * unit), roundUp(n, 2 * unit)];
}

/** The number of levels with the least estimated cost, counting padding. */
function strassenLevels(m: number, k: number, n: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let levels = 0; Math.min(m, k, n) / 2 ** levels >= (levels === 0 ? 0 : CROSSOVER * 0.95); levels++) {
    const [mp, kp, np] = padded(m, k, n, levels);
    const unit = 2 ** levels;
    const cost = roundUp(mp / unit, 2) * unit * kp * roundUp(np / unit, 4) * unit * LEVEL_COST ** levels;
    if (cost < least) {
      least = cost;
      best = levels;
    }
  }
  return best;
}

function where(matrix: Matrix, row: number, col: number): Placed {
  const { words, start, width } = matrix;
  return { at: words.byteOffset + (start + row * width + col) * 8, ld: width };
}

/** A block where the kernels can read it: where it is, or a copy in `area` with rows `ld` words apart. */
function place(
  core: Core,
  area: number,
  ld: number,
  matrix: Matrix,
  row: number,
  col: number,
  rows: number,
  cols: number,
): Placed {
  if (core.owns(matrix.words)) return where(matrix, row, col);
  const placed = { at: area, ld };
  copyIn(core, placed, matrix, row, col, rows, cols);
  return placed;
}

function placePadded(
  core: Core,
  area: number,
  matrix: Matrix,
  row: number,
  col: number,
  rows: number,
  cols: number,
  allRows: number,
  allCols: number,
): Placed {
  const whole = rows === allRows && cols === allCols;
  if (whole && core.owns(matrix.words)) return where(matrix, row, col);
  const placed = { at: area, ld: allCols };
  copyIn(core, placed, matrix, row, col, rows, cols);
  if (!whole) core.kernels.zeroMargin(area, rows, cols, allRows, allCols);
  return placed;
}

function copyIn(
  core: Core,
  to: Placed,
  from: Matrix,
  row: number,
  col: number,
  rows: number,
  cols: number,
): void {
  const { words, start, width } = from;
  const target = new BigUint64Array(core.buffer, to.at, rows * to.ld);
  let source = start + row * width + col;
  if (cols === width && cols === to.ld) target.set(words.subarray(source, source + rows * cols));
  else
    for (let r = 0; r < rows; r++, source += width)
      target.set(words.subarray(source, source + cols), r * to.ld);
}

function copyOut(
  core: Core,
  from: Placed,
  to: Matrix,
  row: number,
  col: number,
  rows: number,
  cols: number,
): void {
  const { words, start, width } = to;
  const source = new BigUint64Array(core.buffer, from.at, rows * from.ld);
  let target = start + row * width + col;
  if (cols === width && cols === from.ld) words.set(source.subarray(0, rows * cols), target);
  else
    for (let r = 0; r < rows; r++, target += width)
      words.set(source.subarray(r * from.ld, r * from.ld + cols), target);
}
