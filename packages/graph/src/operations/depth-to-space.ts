/** Blocks of channels of [N, C, H, W] spread over the image: reshapes and a transpose. Local. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import { at, type Dim, mapDim } from '../shape/dims.js';

interface DepthToSpaceAttributes {
  readonly blockSize: number;
  /** Whether blocks lie outside (DCR) or inside (CRD, PyTorch's pixel shuffle) the channels that stay. */
  readonly mode: 'DCR' | 'CRD';
}

/** A size divided by the edge of blocks, or their area. */
export const divided = (dim: Dim, by: number, what: string): Dim =>
  mapDim(dim, (size) => {
    if (size % by !== 0) throw new ShapeError(`${size} ${what} do not divide by ${by}`);
    return size / by;
  });

export const definition: OperationDefinition<'DepthToSpace', DepthToSpaceAttributes> = {
  op: 'DepthToSpace',
  summary: 'blocks of channels spread over the image',
  attributes: { blockSize: 'size', mode: ['DCR', 'CRD'] },
  arity: [1, 1],
  moves: true,
  infer([x], { blockSize: b }) {
    if (x.length !== 4) throw new ShapeError('the input is [N, C, H, W]');
    const grown = (dim: Dim) => mapDim(dim, (size) => size * b);
    return [[at(x, 0), divided(at(x, 1), b * b, 'channels'), grown(at(x, 2)), grown(at(x, 3))]];
  },
  evaluate([x], { blockSize: b, mode }) {
    const [batch, channels, height, width] = x.shape;
    const kept = channels / (b * b);
    const shape = [batch, kept, height * b, width * b];
    const data = new Float64Array(x.data.length);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (let c = 0; c < kept; c++)
        for (let i = 0; i < height * b; i++)
          for (let j = 0; j < width * b; j++) {
            const block = (i % b) * b + (j % b);
            const channel = mode === 'DCR' ? block * kept + c : c * b * b + block;
            const row = (n * channels + channel) * height + Math.floor(i / b);
            data[to++] = x.data[row * width + Math.floor(j / b)];
          }
    return [{ shape, data }];
  },
  expand(k, [x], { blockSize: b, mode }) {
    const [batch, channels, height, width] = k.shapeOf(x);
    const kept = channels / (b * b);
    const [split, perm] =
      mode === 'DCR'
        ? [
            [batch, b, b, kept, height, width],
            [0, 3, 4, 1, 5, 2],
          ]
        : [
            [batch, kept, b, b, height, width],
            [0, 1, 4, 2, 5, 3],
          ];
    const apart = k.transpose(k.reshape(x, { shape: split, allowZero: true }), { perm });
    return [k.reshape(apart, { shape: [batch, kept, height * b, width * b], allowZero: true })];
  },
  examples: [
    { shapes: [[1, 8, 2, 3]], attributes: { blockSize: 2, mode: 'DCR' } },
    { shapes: [[2, 8, 2, 1]], attributes: { blockSize: 2, mode: 'CRD' } },
    { shapes: [[1, 2, 2, 2]], attributes: { blockSize: 1, mode: 'DCR' } },
    { shapes: [[0, 4, 1, 1]], attributes: { blockSize: 2, mode: 'DCR' } },
  ],
};
