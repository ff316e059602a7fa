/** Operators that put elements of images at public places, or take them from there. */
import { numbers } from '../helpers/compare.js';
import type { TensorSpec } from '../helpers/onnx-encoder.js';
import { latest, type OpenCase, openCases, s, table } from '../helpers/open-cases.js';
import { i, ints, list } from '../helpers/operator-cases.js';

/** Positions, a few of them outside of the image. */
const grid = (...shape: number[]): TensorSpec => ({
  shape,
  data: numbers(
    shape.reduce((a, b) => a * b, 1),
    11,
  ).map((v) => v * 0.7),
});

openCases('sampling and unpooling', [
  ...['zeros', 'border', 'reflection'].flatMap((padding) =>
    [0, 1].flatMap((corners) =>
      ['bilinear', 'nearest', 'bicubic'].map(
        (mode): OpenCase => ({
          op: 'GridSample',
          title: `${mode}, ${padding}, align_corners ${corners}`,
          x: [[2, 3, 4, 5]],
          constants: { g: grid(2, 3, 2, 2) },
          attributes: { mode: s(mode), padding_mode: s(padding), align_corners: i(corners) },
          opsets: [16, 19],
          known: true,
        }),
      ),
    ),
  ),
  {
    op: 'GridSample',
    title: 'of three axes',
    x: [[1, 2, 3, 4, 2]],
    constants: { g: grid(1, 2, 3, 2, 3) },
    attributes: { mode: s('linear') },
    opsets: latest(20),
    known: true,
  },
  ...[0, 1].flatMap((corners): OpenCase[] => [
    {
      op: 'AffineGrid',
      title: `of two axes, align_corners ${corners}`,
      x: [[2, 2, 3]],
      constants: { n: ints(2, 5, 4, 3) },
      attributes: { align_corners: i(corners) },
      opsets: latest(20),
    },
    {
      op: 'AffineGrid',
      title: `of three axes, align_corners ${corners}`,
      x: [[2, 3, 4]],
      constants: { n: ints(2, 5, 4, 3, 2) },
      attributes: { align_corners: i(corners) },
      opsets: latest(20),
    },
  ]),
  ...(
    [
      ['plain', [1, 12, 9], {}],
      ['strides', [2, 12, 4], { strides: list(2, 2) }],
      ['dilations, pads', [1, 12, 16], { dilations: list(2, 1), pads: list(1, 0, 1, 1) }],
    ] as const
  ).map(([title, x, attributes]) => ({
    op: 'Col2Im',
    title,
    x: [[...x]],
    constants: { image: ints(4, 5), block: ints(2, 3) },
    attributes,
    opsets: latest(18),
    known: true,
  })),
  {
    op: 'MaxUnpool',
    x: [[1, 1, 2, 2]],
    constants: { n: table([1, 1, 2, 2], 5, 7, 13, 15) },
    attributes: { kernel_shape: list(2, 2), strides: list(2, 2) },
    opsets: latest(9),
    known: true,
  },
]);
