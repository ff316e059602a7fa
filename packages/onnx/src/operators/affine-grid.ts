/** The positions that an affine map makes of those of an image: a product with a public matrix. */
import { at, plainTensor, sizeOf } from '@tacit/graph';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';
import { multiply, swapLast } from './matrix.js';

export const affineGridOnnx: OnnxOperator = {
  name: 'AffineGrid',
  opsets: [20, MAX_OPSET],
  note: 'constant size, 2-d and 3-d; align_corners; becomes Linear',
  convert(context) {
    const theta = context.input(0);
    const spatial = context.constantInts(context.input(1), 'size').slice(2);
    const corners = context.int('align_corners', 0) !== 0;
    const axes = spatial.length;
    if (axes < 2 || axes > 3) context.fail(`${axes} spatial axes; 2 to 3 are supported`);
    const along = (i: number, size: number) =>
      corners ? (size > 1 ? (2 * i) / (size - 1) - 1 : 0) : (2 * i + 1) / size - 1;
    const points = sizeOf(spatial);
    context.checkCount(spatial.some((size) => size < 1) ? -1 : points * (axes + 1), 'the grid');
    // Coordinates of a point begin with that of the last axis, and end with a 1.
    const base = Array.from({ length: points * (axes + 1) }, (_, index) => {
      const [point, axis] = [Math.floor(index / (axes + 1)), axes - 1 - (index % (axes + 1))];
      if (axis < 0) return 1;
      const size = at(spatial, axis);
      return along(Math.floor(point / sizeOf(spatial.slice(axis + 1))) % size, size);
    });
    const positions = context.makeConstant('positions', plainTensor([points, axes + 1], base));
    const mapped = multiply(context, positions, swapLast(context, theta));
    context.result(context.emit('Reshape', [mapped], { shape: [-1, ...spatial, axes], allowZero: false }));
  },
};
