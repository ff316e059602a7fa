/** Convolution in double precision: patches as the columns of a matrix, multiplied by the weights. */
import type { PlainTensor } from '../../plain/plain-tensor.js';
import { at, sizeOf } from '../../shape/dims.js';
import { asWindow2d, type ConcreteWindow, type Window2d } from '../../shape/window.js';
import { multiplyInto } from './multiply-into.js';

/** Elements of the result, whose shape is given; inputs x, weights and possibly a bias. */
export function convolve(
  [x, weight, bias]: readonly PlainTensor[],
  shape: readonly number[],
  attributes: ConcreteWindow & { readonly group: number },
): Float64Array {
  const w = asWindow2d(x.shape, shape, attributes);
  const [batch, outputs, { group }] = [at(shape, 0), at(shape, 1), attributes];
  const outPlane = w.outHeight * w.outWidth;
  const inGroup = at(weight.shape, 1) * w.height * w.width;
  const rows = at(weight.shape, 1) * w.kernel[0] * w.kernel[1];
  const data = new Float64Array(sizeOf(shape));
  if (bias !== undefined)
    for (let i = 0; i < batch * outputs; i++)
      data.fill(at(bias.data, i % outputs), i * outPlane, (i + 1) * outPlane);
  const outGroup = (outputs / group) * outPlane;
  const weights = (outputs / group) * rows;
  for (let part = 0; part < batch * group; part++) {
    const patches = gatherPatches(x.data.subarray(part * inGroup, (part + 1) * inGroup), w, rows);
    const own = (part % group) * weights;
    const y = data.subarray(part * outGroup, (part + 1) * outGroup);
    multiplyInto(y, weight.data.subarray(own, own + weights), patches, outPlane, rows);
  }
  return data;
}

/** What each tap of the kernel sees: one row for each channel and tap, one column for each output position. */
function gatherPatches(x: Float64Array, w: Window2d, rows: number): Float64Array {
  const patches = new Float64Array(rows * w.outHeight * w.outWidth);
  const taps = w.kernel[0] * w.kernel[1];
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const plane = Math.floor(row / taps) * w.height * w.width;
    const top = Math.floor((row % taps) / w.kernel[1]) * w.dilations[0] - w.pads[0];
    const left = (row % w.kernel[1]) * w.dilations[1] - w.pads[1];
    for (let i = 0; i < w.outHeight; i++) {
      const y = top + i * w.strides[0];
      for (let j = 0; j < w.outWidth; j++, to++) {
        const column = left + j * w.strides[1];
        if (y >= 0 && y < w.height && column >= 0 && column < w.width)
          patches[to] = x[plane + y * w.width + column];
      }
    }
  }
  return patches;
}
