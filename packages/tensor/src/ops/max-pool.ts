/** Maximum over sliding windows of an NCHW tensor. */
import { maxPool2d as maxPoolShare, ShapeError } from '@tacit/mpc';
import { CrypTensor } from '../cryptensor.js';
import { sides, windowCount } from './linear.js';

export interface MaxPoolOptions {
  readonly kernel: readonly [number, number];
  /** Default: the kernel. */
  readonly stride?: readonly [number, number];
  /** [top, left, bottom, right]. Padding never wins. */
  readonly pads?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  /** Round the output size up instead of down. */
  readonly ceilMode?: boolean;
  /** Output size, where it is known; takes precedence over ceilMode. */
  readonly outputSize?: readonly [number, number];
}

/**
 * Maximum of each window, exact, at the scale of x (a ReLU afterwards truncates for free). Rounds: those of a ReLU for
 * each halving of the window, 8 by default for 2x2. Throws a ShapeError where no window fits.
 */
export function maxPool2d(x: CrypTensor, options: MaxPoolOptions): CrypTensor {
  if (x.rank !== 4) throw new ShapeError(`maxPool2d takes an NCHW tensor, got [${x.shape}]`);
  const { kernel, stride = kernel, dilation = [1, 1] } = options;
  const pads = sides(options.pads);
  const size = (axis: 0 | 1): number => {
    const [image, k, s, d] = [x.shape[axis + 2], kernel[axis], stride[axis], dilation[axis]];
    const down = windowCount(image, k, s, d, pads[axis], pads[axis + 2]);
    if (!options.ceilMode) return down;
    const up = windowCount(image, k, s, d, pads[axis], pads[axis + 2] + s - 1);
    // A window must begin in the image or in the padding before it.
    return (up - 1) * s >= image + pads[axis] ? up - 1 : up;
  };
  const outputSize = options.outputSize ?? [size(0), size(1)];
  if (outputSize[0] < 1 || outputSize[1] < 1)
    throw new ShapeError(`maxPool2d: a ${kernel[0]}x${kernel[1]} window does not fit into [${x.shape}]`);
  const before = [pads[0], pads[1]] as const;
  return new CrypTensor(
    x.session,
    maxPoolShare(x.session, x.share, { kernel, stride, dilation, before, outputSize }),
    x.scale,
  );
}
