/** A plain value for every window that slides over the spatial axes. */
import type { PlainTensor } from '../../plain/plain-tensor.js';
import { sizeOf } from '../../shape/dims.js';
import { asWindow2d } from '../../shape/window.js';

/**
 * Folds the elements of each window, in the order of the window; padding is left out.
 *
 * @param x the input
 * @param shape of the result
 * @param attributes kernel, strides, dilations and pads
 * @param start what a fold starts with
 * @param step what it makes of that and an element
 */
export function foldWindows(
  x: PlainTensor,
  shape: readonly number[],
  attributes: Parameters<typeof asWindow2d>[2],
  start: number,
  step: (folded: number, element: number) => number,
): Float64Array {
  const w = asWindow2d(x.shape, shape, attributes);
  const data = new Float64Array(sizeOf(shape));
  const outPlane = w.outHeight * w.outWidth;
  const inPlane = w.height * w.width;
  for (let index = 0; index < data.length; index++) {
    const plane = Math.floor(index / outPlane) * inPlane;
    const top = Math.floor((index % outPlane) / w.outWidth) * w.strides[0] - w.pads[0];
    const left = (index % w.outWidth) * w.strides[1] - w.pads[1];
    let folded = start;
    for (let i = 0; i < w.kernel[0]; i++) {
      const row = top + i * w.dilations[0];
      if (row < 0 || row >= w.height) continue;
      for (let j = 0; j < w.kernel[1]; j++) {
        const column = left + j * w.dilations[1];
        if (column >= 0 && column < w.width) folded = step(folded, x.data[plane + row * w.width + column]);
      }
    }
    data[index] = folded;
  }
  return data;
}
