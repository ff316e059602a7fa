/** Resize and Upsample. */
import type { TensorSpec } from '../helpers/onnx-encoder.js';
import { floats, latest, node, type OpenCase, openCases, s } from '../helpers/open-cases.js';
import { i, ints, list } from '../helpers/operator-cases.js';

openCases('Resize and Upsample', [
  ...['nearest', 'linear'].flatMap((mode): OpenCase[] => [
    {
      op: 'Upsample',
      title: `${mode} by attribute`,
      x: [[1, 2, 3, 4]],
      attributes: { mode: s(mode), scales: { floats: [1, 1, 2, 3] } },
      opsets: [7, 8],
    },
    {
      op: 'Upsample',
      title: `${mode} by input`,
      x: [[1, 2, 3, 4]],
      constants: { scales: floats(1, 1, 2, 1.5) },
      attributes: { mode: s(mode) },
      opsets: [9, 9],
    },
    ...[2, 0.5].map(
      (scale): OpenCase => ({
        op: 'Resize',
        title: `${mode} of operator set 10 by ${scale}`,
        x: [[1, 1, 4, 6]],
        constants: { scales: floats(1, 1, scale, scale) },
        attributes: { mode: s(mode) },
        opsets: [10, 10],
      }),
    ),
  ]),
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].flatMap((coordinates) => [
    ...['nearest', 'linear', 'cubic'].map((mode) => ({
      op: 'Resize',
      title: `${mode} by scales, ${coordinates}`,
      x: [[1, 2, 4, 6]],
      inputs: ['x0', 'roi', 'scales'],
      constants: { roi: floats(), scales: floats(1, 1, 2, 0.5) },
      attributes: { mode: s(mode), coordinate_transformation_mode: s(coordinates) },
      opsets: latest(11),
    })),
    ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((rounding) => ({
      op: 'Resize',
      title: `nearest by sizes, ${coordinates}, ${rounding}`,
      x: [[1, 1, 4, 5]],
      inputs: ['x0', '', '', 'sizes'],
      constants: { sizes: ints(1, 1, 7, 2) },
      attributes: { nearest_mode: s(rounding), coordinate_transformation_mode: s(coordinates) },
      opsets: latest(13),
    })),
  ]),
  ...['nearest', 'linear'].map((mode) => ({
    op: 'Resize',
    title: `${mode}, tf_half_pixel_for_nn`,
    x: [[1, 1, 4, 6]],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats(), scales: floats(1, 1, 2, 0.5) },
    attributes: { mode: s(mode), coordinate_transformation_mode: s('tf_half_pixel_for_nn') },
    opsets: [11, 12] as [number, number],
  })),
  ...(
    [
      ['nearest', 'nearest', { sizes: ints(1, 1, 3, 7) }],
      ['linear', 'linear', { sizes: ints(1, 1, 6, 4) }],
      ['linear, of all by scales', 'linear', { scales: floats(1, 1, 2, 0.8) }],
      ['cubic', 'cubic', { sizes: ints(1, 1, 3, 7) }],
      ['linear to one row', 'linear', { sizes: ints(1, 1, 1, 7) }],
    ] as [string, string, Record<string, TensorSpec>][]
  ).map(([title, mode, most]) => ({
    op: 'Resize',
    title: `tf_crop_and_resize, ${title}`,
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', ...('sizes' in most ? [''] : []), ...Object.keys(most)],
    constants: {
      roi: 'scales' in most ? floats(0, 0, 0, 0, 1, 1, 1, 1) : floats(0, 0, 0.4, 0.6, 1, 1, 0.6, 1.2),
      ...most,
    },
    attributes: {
      mode: s(mode),
      coordinate_transformation_mode: s('tf_crop_and_resize'),
      extrapolation_value: { f: 0.5 },
    },
    opsets: latest(13),
  })),
  {
    op: 'Resize',
    title: 'tf_crop_and_resize along axes',
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', '', 'sizes'],
    constants: { roi: floats(0.6, 0.1, 0.9, 0.8), sizes: ints(3, 2) },
    attributes: {
      mode: s('linear'),
      axes: list(3, 2),
      coordinate_transformation_mode: s('tf_crop_and_resize'),
    },
    opsets: latest(18),
  },
  {
    op: 'Resize',
    title: 'half_pixel_symmetric',
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats(), scales: floats(1, 1, 0.6, 1.3) },
    attributes: { mode: s('linear'), coordinate_transformation_mode: s('half_pixel_symmetric') },
    opsets: latest(19),
  },
  {
    op: 'Resize',
    title: 'cubic without what is outside',
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats(), scales: floats(1, 1, 0.8, 2) },
    attributes: { mode: s('cubic'), exclude_outside: i(1), cubic_coeff_a: { f: -0.5 } },
    opsets: latest(11),
  },
  ...['linear', 'cubic'].map((mode) => ({
    op: 'Resize',
    title: `${mode} with antialias`,
    x: [[1, 1, 8, 9]],
    inputs: ['x0', '', '', 'sizes'],
    constants: { sizes: ints(1, 1, 3, 5) },
    attributes: { mode: s(mode), antialias: i(1) },
    opsets: latest(18),
  })),
  ...['not_larger', 'not_smaller'].map((policy) => ({
    op: 'Resize',
    title: `${policy} along axes`,
    x: [[1, 1, 4, 6]],
    inputs: ['x0', '', '', 'sizes'],
    constants: { sizes: ints(8, 7) },
    attributes: { axes: list(2, 3), keep_aspect_ratio_policy: s(policy) },
    opsets: latest(18),
  })),
  {
    op: 'Resize',
    title: 'by the quotients of the sizes of two',
    x: [
      [1, 1, 3, 4],
      [1, 1, 7, 2],
    ],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats() },
    before: [
      node('Shape', ['x0'], 'from'),
      node('Shape', ['x1'], 'to'),
      node('Cast', ['from'], 'from_', { to: i(1) }),
      node('Cast', ['to'], 'to_', { to: i(1) }),
      node('Div', ['to_', 'from_'], 'scales'),
    ],
    attributes: { mode: s('linear') },
    opsets: latest(13),
  },
  {
    op: 'Resize',
    title: 'to the sizes of another',
    x: [
      [1, 1, 2, 3],
      [1, 1, 5, 5],
    ],
    inputs: ['x0', '', '', 'sizes'],
    before: [node('Shape', ['x1'], 'sizes')],
    attributes: { mode: s('linear') },
    opsets: latest(13),
  },
]);
