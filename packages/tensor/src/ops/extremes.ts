/**
 * Maximum and minimum along an axis or over all elements, and where they are. Exact for |x| < 2^(62 - scale) at any
 * scale. Rounds: those of a ReLU for each halving of the axis.
 */
import { argExtremeOfFirstAxis, type Extreme, extremeOfFirstAxis, gather, type Share } from '@tacit/mpc';
import { permute } from '@tacit/ring';
import { CrypTensor } from '../cryptensor.js';
import { axisOf } from './axes.js';

/** x with the axis first, or flat without one; and the shape of a reduction along it. */
function axisFirst(
  x: CrypTensor,
  axis: number | undefined,
  keepDims: boolean,
): { share: Share; shape: number[] } {
  if (axis === undefined)
    return { share: x.share.reshaped([x.size]), shape: keepDims ? x.shape.map(() => 1) : [] };
  const at = axisOf('a reduction', axis, x.shape);
  const shape = x.shape.flatMap((d, i) => (i !== at ? [d] : keepDims ? [1] : []));
  const others = x.shape.map((_, i) => i).filter((i) => i !== at);
  const share =
    at === 0 ? x.share.reshaped(x.shape) : gather(x.session, x.share, permute(x.shape, [at, ...others]));
  return { share, shape };
}

/** The largest (smallest) element along an axis (default: of all), at the scale of x. */
export function extreme(
  x: CrypTensor,
  kind: Extreme,
  axis: number | undefined,
  keepDims: boolean,
): CrypTensor {
  const { share, shape } = axisFirst(x, axis, keepDims);
  const result = extremeOfFirstAxis(x.session, kind, share);
  share.dispose();
  return new CrypTensor(x.session, result.reshaped(shape), x.scale);
}

/** Its index along the axis (default: in the flattened tensor); of equal elements the lowest. */
export function argExtreme(
  x: CrypTensor,
  kind: Extreme,
  axis: number | undefined,
  keepDims: boolean,
): CrypTensor {
  const { share, shape } = axisFirst(x, axis, keepDims);
  const result = argExtremeOfFirstAxis(x.session, kind, share);
  share.dispose();
  return new CrypTensor(x.session, result.reshaped(shape), 0);
}
