/** Sliding windows: sums are local, maxima a tree of comparisons. */
import { asWindow2d, poolCounts, sizeOf } from '@tacit/graph';
import { onSecrets } from './kernel.js';
import { overPlain } from './multiplication.js';

export const averagePool = onSecrets<'AveragePool'>(([x], attributes, [shape]) => {
  const w = asWindow2d(x.shape, shape, attributes);
  const { kernel, strides, dilations, pads } = w;
  // A ceil-mode window may reach past the padding: give the kernel the room, and count only what is real. Where it does
  // not reach the end of the padding, that is cut.
  const reach = (size: number, axis: 0 | 1, windows: number) =>
    (windows - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - size - pads[axis];
  const room = (axis: 0 | 1, size: number, windows: number) =>
    Math.max(pads[axis + 2], reach(size, axis, windows));
  const geometry = {
    kernel,
    stride: strides,
    dilation: dilations,
    pads: [pads[0], pads[1], room(0, w.height, w.outHeight), room(1, w.width, w.outWidth)],
  } as const;
  // The sum may leave the range of values where the mean does not. A product is truncated in its own round, and what follows
  // need not do it.
  const magnitude = x.magnitude + Math.log2(sizeOf(kernel));
  const a = x.context.precision.fits(magnitude, x.scale) ? x : x.narrow();
  const planar = a.share.reshaped([x.shape[0], x.shape[1], w.height, w.width]);
  const sums = x.engine.windowSum(planar, geometry);
  planar.dispose();
  const total = a.with(sums.reshaped(shape), { magnitude });
  sums.dispose();
  return overPlain(total, poolCounts(x.shape, shape, attributes), shape);
});

export const maxPool = onSecrets<'MaxPool'>(([x], attributes, [shape]) => {
  const { height, width, outHeight, outWidth, kernel, strides, dilations, pads } = asWindow2d(
    x.shape,
    shape,
    attributes,
  );
  const planar = x.share.reshaped([x.shape[0], x.shape[1], height, width]);
  const made = x.engine.maxPool2d(planar, {
    kernel,
    stride: strides,
    dilation: dilations,
    before: [pads[0], pads[1]],
    outputSize: [outHeight, outWidth],
  });
  planar.dispose();
  const result = x.with(made.reshaped(shape));
  made.dispose();
  return result;
});
