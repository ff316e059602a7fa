/** Keys and images for property tests. */
import fc from 'fast-check';
import { BLOCK_SIZES, type ImageLayout, TRANSFORM_KINDS } from '../../src/transforms/index.js';

export const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const kinds = fc.constantFrom(...TRANSFORM_KINDS);
export const blocks = fc.constantFrom(...BLOCK_SIZES);

/** Sizes of images, in blocks. */
export const sizes = fc.record({
  count: fc.integer({ min: 0, max: 3 }),
  channels: fc.constantFrom(1, 2, 3),
  down: fc.integer({ min: 0, max: 3 }),
  across: fc.integer({ min: 0, max: 3 }),
});

/** Bytes that look random, the same for the same seed. */
export function bytes(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The shape of a batch. */
export const shapeOf = (layout: ImageLayout, n: number, c: number, h: number, w: number): number[] =>
  layout === 'CHW' ? [n, c, h, w] : layout === 'HWC' ? [n, h, w, c] : [n, h, w];

/** The same images with channels last. */
export function channelsLast<T extends Uint8Array | Float32Array>(
  data: T,
  [n, c, h, w]: readonly number[],
): T {
  const out = data.slice() as T;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < c; k++)
      for (let at = 0; at < h * w; at++) out[(i * h * w + at) * c + k] = data[(i * c + k) * h * w + at];
  return out;
}
