/** Blocks of the image [N, C, H, W] as channels: reshapes and a transpose. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { at, mapDim } from '../shape/dims.js';
import { divided } from './depth-to-space.js';

interface SpaceToDepthAttributes {
  readonly blockSize: number;
  /** Whether places in a block lie outside (DCR) or inside (CRD, PyTorch's pixel unshuffle) the channels. */
  readonly mode: 'DCR' | 'CRD';
}

export const definition: OperationDefinition<'SpaceToDepth', SpaceToDepthAttributes> = {
  op: 'SpaceToDepth',
  summary: 'blocks of the image as channels',
  attributes: { blockSize: 'size', mode: ['DCR', 'CRD'] },
  arity: [1, 1],
  moves: true,
  infer([x], { blockSize: b }) {
    if (x.length !== 4) throw new ShapeError('the input is [N, C, H, W]');
    const channels = mapDim(at(x, 1), (size) => size * b * b);
    return [[at(x, 0), channels, divided(at(x, 2), b, 'rows'), divided(at(x, 3), b, 'columns')]];
  },
  evaluate([x], { blockSize: b, mode }) {
    const [batch, channels, height, width] = x.shape;
    const shape = [batch, channels * b * b, height / b, width / b];
    const data = new Float64Array(x.data.length);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (let channel = 0; channel < channels * b * b; channel++) {
        const block = mode === 'DCR' ? Math.floor(channel / channels) : channel % (b * b);
        const c = mode === 'DCR' ? channel % channels : Math.floor(channel / (b * b));
        for (let i = Math.floor(block / b); i < height; i += b)
          for (let j = block % b; j < width; j += b)
            data[to++] = x.data[((n * channels + c) * height + i) * width + j];
      }
    return [{ shape, data }];
  },
  expand(k, [x], { blockSize: b, mode }) {
    const [batch, channels, height, width] = k.shapeOf(x);
    const split = [batch, channels, height / b, b, width / b, b];
    const perm = mode === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
    const apart = k.transpose(k.reshape(x, { shape: split, allowZero: true }), { perm });
    return [k.reshape(apart, { shape: [batch, channels * b * b, height / b, width / b], allowZero: true })];
  },
  examples: [
    { shapes: [[1, 2, 4, 6]], attributes: { blockSize: 2, mode: 'DCR' } },
    { shapes: [[2, 1, 3, 3]], attributes: { blockSize: 3, mode: 'DCR' } },
    { shapes: [[1, 3, 2, 4]], attributes: { blockSize: 2, mode: 'CRD' } },
    { shapes: [[1, 1, 0, 2]], attributes: { blockSize: 2, mode: 'DCR' } },
  ],
};
