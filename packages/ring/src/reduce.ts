// Sums over axes modulo 2^64. Axes are grouped so that each pass sums the middle of [outer, length, inner], staged
// in blocks of STAGE words.
import { BLOCK, type Core, checkLength } from './core.js';
import { normalizeAxis, type Shape, sizeOf } from './shapes.js';
import type { Words } from './words.js';

const STAGE = 8 * BLOCK;

/** Sums `x` over `axes` (all of them if not given). With keepDims the summed axes stay with length 1. */
export function sumAxes(
  core: Core,
  x: Words,
  shape: Shape,
  axes: readonly number[] | undefined,
  keepDims: boolean,
): { words: Words; shape: number[] } {
  checkLength('sumAxes: x', x.length, sizeOf(shape));
  const summed = new Set(axes ? axes.map((a) => normalizeAxis(a, shape.length)) : shape.keys());
  const groups: { size: number; summed: boolean }[] = [];
  shape.forEach((d, i) => {
    const last = groups.at(-1);
    if (d === 1) return;
    if (last?.summed === summed.has(i)) last.size *= d;
    else groups.push({ size: d, summed: summed.has(i) });
  });
  let words = x;
  for (let g = groups.length - 1; g >= 0; g--) {
    if (!groups[g].summed) continue;
    const outer = sizeOf(groups.slice(0, g).map((group) => group.size));
    const inner = sizeOf(groups.slice(g + 1).map((group) => group.size));
    const [from, length] = [words, groups[g].size];
    words = core.scoped(() => sumMiddle(core, from, outer, length, inner));
    groups.splice(g, 1);
  }
  const kept = shape.map((d, i) => (summed.has(i) ? 1 : d));
  return {
    words: words === x ? x.slice() : words,
    shape: keepDims ? kept : kept.filter((_, i) => !summed.has(i)),
  };
}

function sumMiddle(core: Core, x: Words, outer: number, length: number, inner: number): Words {
  const out = new BigUint64Array(outer * inner);
  if (x.length === 0) return out;
  const { kernels, scratch } = core;
  const stage = scratch.words(STAGE);
  const acc = scratch.words(STAGE);
  const load = (from: number, count: number): void => stage.set(x.subarray(from, from + count));
  const row = length * inner;
  if (row <= STAGE) {
    // Several of the outer axis at once.
    const group = Math.floor(STAGE / row);
    for (let o = 0; o < outer; o += group) {
      const count = Math.min(group, outer - o);
      load(o * row, count * row);
      acc.fill(0n, 0, count * inner);
      kernels.sumMiddle(acc.byteOffset, stage.byteOffset, count, length, inner);
      out.set(acc.subarray(0, count * inner), o * inner);
    }
  } else {
    // One of the outer axis, its inner axis in pieces, its middle axis in as many rows as fit.
    const width = Math.min(inner, STAGE);
    const height = width === inner ? Math.floor(STAGE / inner) : 1;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i += width) {
        const cols = Math.min(width, inner - i);
        acc.fill(0n, 0, cols);
        for (let r = 0; r < length; r += height) {
          const rows = Math.min(height, length - r);
          load(o * row + r * inner + i, rows === 1 ? cols : rows * inner);
          kernels.sumMiddle(acc.byteOffset, stage.byteOffset, 1, rows, cols);
        }
        out.set(acc.subarray(0, cols), o * inner + i);
      }
    }
  }
  return out;
}
