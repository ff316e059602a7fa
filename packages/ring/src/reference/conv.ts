// Convolution and window sums straight from their definitions.
import { type Conv2dSizes, type WindowSumSizes, windowOutput } from '../conv.js';
import type { Words } from '../words.js';
import { wrap } from './word.js';

/**
 * Convolution of x [N, C, H, W] with w [O, C / groups, kh, kw].
 * @param x input words
 * @param w weights
 * @param sizes sizes, strides, padding and groups
 * @returns the result [N, O, out height, out width]
 */
export function conv2d(x: Words, w: Words, sizes: Conv2dSizes): Words {
  const { batch, inChannels, height, width, outChannels, groups = 1, kernel } = sizes;
  const { stride = [1, 1], dilation = [1, 1], pads = [0, 0, 0, 0] } = sizes;
  const [oh, ow] = windowOutput(height, width, sizes);
  const depth = inChannels / groups;
  const out = new BigUint64Array(batch * outChannels * oh * ow);
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / (outChannels / groups)) * depth;
      for (let y = 0; y < oh; y++)
        for (let z = 0; z < ow; z++) {
          let sum = 0n;
          for (let c = 0; c < depth; c++)
            for (let i = 0; i < kernel[0]; i++)
              for (let j = 0; j < kernel[1]; j++) {
                const row = y * stride[0] + i * dilation[0] - pads[0];
                const col = z * stride[1] + j * dilation[1] - pads[1];
                if (row < 0 || row >= height || col < 0 || col >= width) continue;
                sum +=
                  x[((n * inChannels + firstChannel + c) * height + row) * width + col] *
                  w[((o * depth + c) * kernel[0] + i) * kernel[1] + j];
              }
          out[at++] = wrap(sum);
        }
    }
  return out;
}

/**
 * Sums of the windows of each plane.
 * @param x input words
 * @param sizes sizes, strides, padding and groups
 * @returns the sums
 */
export function windowSum2d(x: Words, sizes: WindowSumSizes): Words {
  const { planes, kernel } = sizes;
  const w = new BigUint64Array(planes * kernel[0] * kernel[1]).fill(1n);
  return conv2d(x, w, { ...sizes, batch: 1, inChannels: planes, outChannels: planes, groups: planes });
}
