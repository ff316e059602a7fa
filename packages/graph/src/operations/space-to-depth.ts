/** Blocks of the image [N, C, H, W] as channels: reshapes and a transpose. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { at, mapDim } from '../shape/dims.js';
import { divided } from './depth-to-space.js';

interface SpaceToDepthAttributes {
  readonly blockSize: number;
}

export const definition: OperationDefinition<'SpaceToDepth', SpaceToDepthAttributes> = {
  op: 'SpaceToDepth',
  summary: 'blocks of the image as channels',
  attributes: { blockSize: 'size' },
  arity: [1, 1],
  moves: true,
  infer([x], { blockSize: b }) {
    if (x.length !== 4) throw new ShapeError('the input is [N, C, H, W]');
    const channels = mapDim(at(x, 1), (size) => size * b * b);
    return [[at(x, 0), channels, divided(at(x, 2), b, 'rows'), divided(at(x, 3), b, 'columns')]];
  },
  evaluate([x], { blockSize: b }) {
    const [batch, channels, height, width] = x.shape;
    const shape = [batch, channels * b * b, height / b, width / b];
    const data = new Float64Array(x.data.length);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (let block = 0; block < b * b; block++)
        for (let c = 0; c < channels; c++)
          for (let i = Math.floor(block / b); i < height; i += b)
            for (let j = block % b; j < width; j += b)
              data[to++] = x.data[((n * channels + c) * height + i) * width + j];
    return [{ shape, data }];
  },
  expand(k, [x], { blockSize: b }) {
    const [batch, channels, height, width] = k.shapeOf(x);
    const split = [batch, channels, height / b, b, width / b, b];
    const apart = k.transpose(k.reshape(x, { shape: split, allowZero: true }), { perm: [0, 3, 5, 1, 2, 4] });
    return [k.reshape(apart, { shape: [batch, channels * b * b, height / b, width / b], allowZero: true })];
  },
  onnx: { name: 'SpaceToDepth', attributes: { blockSize: ['blocksize', 0] } },
  examples: [
    { shapes: [[1, 2, 4, 6]], attributes: { blockSize: 2 } },
    { shapes: [[2, 1, 3, 3]], attributes: { blockSize: 3 } },
    { shapes: [[1, 1, 0, 2]], attributes: { blockSize: 2 } },
  ],
};
