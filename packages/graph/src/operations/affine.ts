/** x * scale + shift along one axis: a normalisation that could not be merged into a neighbouring layer. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { stridesOf } from '../plain/plain-tensor.js';
import { at, mayEqual, show } from '../shape/dims.js';

interface AffineAttributes {
  readonly axis: number;
}

export const definition: OperationDefinition<'Affine', AffineAttributes> = {
  op: 'Affine',
  summary: 'x * scale + shift along one axis',
  attributes: { axis: 'axis' },
  arity: [3, 3],
  factors: [0, 1],
  infer([x, scale, shift], { axis }) {
    if (scale.length !== 1 || shift.length !== 1 || !mayEqual(at(scale, 0), at(shift, 0)))
      throw new ShapeError(`scale ${show(scale)} and shift ${show(shift)} are not two equal vectors`);
    if (scale[0] !== 1 && (axis >= x.length || !mayEqual(at(x, axis), at(scale, 0))))
      throw new ShapeError(`scale ${show(scale)} does not fit axis ${axis} of ${show(x)}`);
    return [x];
  },
  evaluate([x, scale, shift], { axis }) {
    const channels = scale.data.length;
    const stride = channels === 1 ? 1 : at(stridesOf(x.shape), axis);
    const data = x.data.map((value, index) => {
      const channel = Math.floor(index / stride) % channels;
      return value * scale.data[channel] + shift.data[channel];
    });
    return [{ shape: x.shape, data }];
  },
  expand(k, [x, scale, shift], { axis }) {
    const [size] = k.shapeOf(scale);
    const behind = size === 1 ? [] : new Array<number>(k.shapeOf(x).length - axis - 1).fill(1);
    const along = (v: typeof x) =>
      k.reshape(v, { shape: size === 1 ? [] : [size, ...behind], allowZero: true });
    return [k.add(k.mul(x, along(scale)), along(shift))];
  },
  examples: [
    { shapes: [[2, 3, 2], [3], [3]], attributes: { axis: 1 } },
    { shapes: [[2, 3], [1], [1]], attributes: { axis: 0 } },
    { shapes: [[0, 2], [2], [2]], attributes: { axis: 1 } },
  ],
};
