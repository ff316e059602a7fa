// Copies that follow shapes: strided gather (the base of broadcast, transpose, slice, expand) and padding.
// They take whole rows where they are contiguous. Otherwise a kernel copies what lies in its memory, and what does not is
// moved as pairs of 32-bit halves, since reading a BigUint64Array makes BigInts.
import { BLOCK, type Core, checkLength } from './core.js';
import { RingShapeError } from './errors.js';
import { type Shape, sizeOf, type View } from './shapes.js';
import type { Words } from './words.js';

/** Rows at least this long are copied whole. */
const LONG_ROW = 16;
/** Edge of the square tiles in which a transpose is walked, so that both sides stay in the cache. */
const TILE = 32;
/** Fewer words are moved before a kernel has its copies. */
const FEW = 256;

/** out = the view of `a`, in row-major order. `out` must not share memory with `a`. Where a core is given, by its kernels. */
export function gather(out: Words, a: Words, view: View, core?: Core): void {
  checkLength('gather: out', out.length, sizeOf(view.shape));
  if (out.length === 0) return;
  checkInside(a, view);
  const { shape, strides } = collapse(view);
  while (shape.length < 2) {
    shape.unshift(1);
    strides.unshift(0);
  }
  const rank = shape.length;
  const [rows, cols] = shape.slice(rank - 2);
  const [rowStride, colStride] = strides.slice(rank - 2);
  const plane = { rows, cols, rowStride, colStride };
  const eachPlane = (copy: (o: number, at: number) => void): void => {
    const index = new Array<number>(rank - 2).fill(0);
    let at = view.offset;
    for (let o = 0; o < out.length; o += rows * cols) {
      copy(o, at);
      for (let axis = rank - 3; axis >= 0; axis--) {
        at += strides[axis];
        if (++index[axis] < shape[axis]) break;
        at -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  };
  if (cols >= LONG_ROW && colStride === 1) {
    eachPlane((o, at) => {
      for (let i = 0; i < rows; i++) {
        const start = at + i * rowStride;
        out.set(a.subarray(start, start + cols), o + i * cols);
      }
    });
  } else if (cols >= LONG_ROW && colStride === 0) {
    eachPlane((o, at) => {
      for (let i = 0; i < rows; i++) out.fill(a[at + i * rowStride], o + i * cols, o + (i + 1) * cols);
    });
  } else if (core && canStage(core, out) && canStage(core, a)) {
    const [target, source] = [staged(core, out, 0), staged(core, a, 1)];
    if (source !== a) source.set(a);
    const { kernels } = core;
    eachPlane((o, at) =>
      kernels.copyStrided(
        target.byteOffset + 8 * o,
        source.byteOffset + 8 * at,
        rows,
        cols,
        rowStride,
        colStride,
      ),
    );
    if (target !== out) out.set(target);
  } else {
    const to = new Uint32Array(out.buffer, out.byteOffset, out.length * 2);
    const from = new Uint32Array(a.buffer, a.byteOffset, a.length * 2);
    eachPlane((o, at) => copyTiles(to, o, from, at, plane));
  }
}

/** Whether kernels can use an array: where it lies, or as a copy in one of their slots, where it is not tiny. */
const canStage = (core: Core, words: Words): boolean =>
  core.owns(words) || (words.length <= BLOCK && words.length >= FEW);

const staged = (core: Core, words: Words, slot: number): Words =>
  core.owns(words) ? words : core.slotWords[slot].subarray(0, words.length);

/** A matrix in memory. */
interface Plane {
  readonly rows: number;
  readonly cols: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/** As the kernel does it. */
function copyTiles(
  to: Uint32Array,
  o: number,
  from: Uint32Array,
  at: number,
  { rows, cols, rowStride, colStride }: Plane,
): void {
  const width = Math.abs(colStride) > Math.abs(rowStride) ? TILE : cols;
  for (let j0 = 0; j0 < cols; j0 += width) {
    const stop = Math.min(cols, j0 + width);
    for (let i = 0; i < rows; i++) {
      let target = (o + i * cols + j0) * 2;
      let source = (at + i * rowStride + j0 * colStride) * 2;
      for (let j = j0; j < stop; j++) {
        to[target] = from[source];
        to[target + 1] = from[source + 1];
        target += 2;
        source += colStride * 2;
      }
    }
  }
}

function checkInside(a: Words, view: View): void {
  let low = view.offset;
  let high = view.offset;
  view.shape.forEach((d, i) => {
    const reach = (d - 1) * view.strides[i];
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (!Number.isInteger(low) || !Number.isInteger(high) || low < 0 || high >= a.length)
    throw new RingShapeError(
      `gather: shape [${view.shape.join(', ')}], strides [${view.strides.join(', ')}], offset ${view.offset} ` +
        `reach outside of an array of ${a.length} words`,
    );
}

/** The same walk with as few axes as possible. */
function collapse(view: View): { shape: number[]; strides: number[] } {
  const shape: number[] = [];
  const strides: number[] = [];
  view.shape.forEach((d, i) => {
    if (d === 1) return;
    const last = shape.length - 1;
    if (last >= 0 && strides[last] === view.strides[i] * d) {
      shape[last] *= d;
      strides[last] = view.strides[i];
    } else {
      shape.push(d);
      strides.push(view.strides[i]);
    }
  });
  return { shape, strides };
}

/**
 * Shape after padding by [begin of each axis..., end of each axis...]; negative pads crop.
 * @param shape sizes of the axes
 * @param pads amounts [begin of each axis..., end of each axis...]; negative ones crop
 * @returns the padded sizes
 * @throws RingShapeError where the pads do not fit the shape
 */
export function paddedShape(shape: Shape, pads: readonly number[]): number[] {
  const rank = shape.length;
  if (pads.length !== 2 * rank)
    throw new RingShapeError(`pad: shape [${shape.join(', ')}] needs ${2 * rank} pads, got ${pads.length}`);
  return shape.map((d, i) => {
    const size = d + pads[i] + pads[rank + i];
    if (!Number.isInteger(size) || size < 0)
      throw new RingShapeError(`pad: pads [${pads.join(', ')}] do not fit shape [${shape.join(', ')}]`);
    return size;
  });
}

/** out = x with `value` around it. `out` must not share memory with `x`. */
export function pad(out: Words, x: Words, shape: Shape, pads: readonly number[], value: bigint): void {
  checkLength('pad: x', x.length, sizeOf(shape));
  const outShape = paddedShape(shape, pads);
  checkLength('pad: out', out.length, sizeOf(outShape));
  out.fill(BigInt.asUintN(64, value));
  if (shape.length === 0) {
    out.set(x);
    return;
  }
  // First and past-the-last kept index of each axis of x.
  const first = shape.map((_, i) => Math.max(0, -pads[i]));
  const stop = shape.map((d, i) => Math.min(d, outShape[i] - pads[i]));
  if (first.some((f, i) => f >= stop[i])) return;
  const rank = shape.length;
  const width = stop[rank - 1] - first[rank - 1];
  const index = first.slice();
  for (;;) {
    let source = 0;
    let target = 0;
    for (let i = 0; i < rank; i++) {
      source = source * shape[i] + index[i];
      target = target * outShape[i] + index[i] + pads[i];
    }
    out.set(x.subarray(source, source + width), target);
    let axis = rank - 2;
    for (; axis >= 0; axis--) {
      if (++index[axis] < stop[axis]) break;
      index[axis] = first[axis];
    }
    if (axis < 0) return;
  }
}
