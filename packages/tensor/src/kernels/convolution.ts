/** Convolutions over one or two spatial axes; a bias is added behind. */
import type { Attributes } from '@tacit/graph';
import { asWindow2d } from '@tacit/graph';
import type { Conv2dSizes } from '@tacit/ring';
import type { FixedPoint, ValueContext } from '../fixed-point/fixed-point.js';
import { featuresPrecise } from '../fixed-point/precision.js';
import { OwnedTensor } from '../owned-tensor.js';
import { isOwned, isSecret, type PrivateValue, secretOf } from '../private-value.js';
import { add } from './addition.js';
import { type BilinearMap, bilinearOwned, bilinearPublic, bilinearSecrets } from './bilinear.js';
import type { PrivateKernel } from './kernel.js';

export const conv: PrivateKernel<'Conv'> = (context, [x, weight, bias], attributes, [shape]) => {
  const w = isSecret(x) ? weight : secretIfAlone(context, weight);
  const y = convolved(context, secretOf(context, x), w, attributes, shape);
  if (bias === undefined) return [y];
  return add(context, [y, perChannel(context, bias, shape.length)], {}, [shape]);
};

/** An image that is not secret is shared; so are weights that its owner has, or that are secret. */
const secretIfAlone = (context: ValueContext, weight: PrivateValue): PrivateValue =>
  isOwned(weight) || isSecret(weight) ? secretOf(context, weight) : weight;

function convolved(
  _context: ValueContext,
  x: FixedPoint,
  weight: PrivateValue,
  attributes: Attributes<'Conv'>,
  shape: readonly number[],
): FixedPoint {
  const params = sizesOf(x.shape, weight.shape, attributes, shape);
  const taps = params.kernel[0] * params.kernel[1];
  const perOutput = weight.shape[1] * taps;
  const map: BilinearMap = {
    f: { op: 'conv2d', params },
    shape,
    grows: perOutput > 1 ? Math.log2(perOutput) : 0,
  };
  if (isSecret(weight)) return bilinearSecrets(x, weight, map);
  if (isOwned(weight)) return bilinearOwned(x, weight, map, (_c, operand) => operand);
  // The input channel that a weight multiplies, by groups.
  const outPerGroup = params.outChannels / (params.groups ?? 1);
  const channelOf = (i: number) =>
    Math.floor(Math.floor(i / perOutput) / outPerGroup) * weight.shape[1] +
    (Math.floor(i / taps) % weight.shape[1]);
  return bilinearPublic(x, weight, map, featuresPrecise(weight.data, channelOf));
}

function sizesOf(
  x: readonly number[],
  weight: readonly number[],
  attributes: Attributes<'Conv'>,
  shape: readonly number[],
): Conv2dSizes {
  const { height, width, kernel, strides, dilations, pads } = asWindow2d(x, shape, attributes);
  return {
    batch: x[0],
    inChannels: x[1],
    height,
    width,
    outChannels: weight[0],
    kernel,
    stride: strides,
    dilation: dilations,
    pads,
    groups: attributes.group,
  };
}

/** A vector over the channel axis, shaped for broadcasting over [N, C, ...spatial]. */
function perChannel(_context: ValueContext, bias: PrivateValue, rank: number): PrivateValue {
  const shape = [bias.shape[0], ...new Array<number>(rank - 2).fill(1)];
  if (isSecret(bias)) return bias.with(bias.share.reshaped(shape));
  return bias instanceof OwnedTensor ? bias.reshape(shape) : { shape, data: bias.data };
}
