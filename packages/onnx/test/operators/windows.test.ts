import { type Attributes, type Cases, i, list, testOperators, weight } from '../helpers/operator-cases.js';

const image = [2, 4, 7, 6];
const upper = { auto_pad: { s: 'SAME_UPPER' } };
const dilated = { kernel_shape: list(2, 2), dilations: list(2, 3), pads: list(1, 1, 1, 1) };
const lower = { auto_pad: { s: 'SAME_LOWER' } };

const conv = (title: string, attributes: Attributes, shape = [3, 4, 3, 2], x = image): Cases => ({
  [`Conv ${title}`]: { x: [x], constants: { w: weight(shape), b: weight([shape[0] ?? 0]) }, attributes },
});
const pool = (title: string, attributes: Attributes, from = 7, x = image): Cases => ({
  [title]: { x: [x], attributes, from },
});

const pools = (op: string): Cases => ({
  ...pool(`${op} plain`, { kernel_shape: list(2, 2), strides: list(2, 2) }),
  ...pool(`${op} pads`, { kernel_shape: list(3, 3), pads: list(1, 1, 2, 1), strides: list(2, 1) }),
  ...pool(`${op} SAME_UPPER`, { kernel_shape: list(2, 3), ...upper, strides: list(2, 2) }),
  ...pool(`${op} SAME_LOWER`, { kernel_shape: list(2, 2), ...lower }),
  ...pool(`${op} 1-d`, { kernel_shape: list(3), strides: list(2), pads: list(1, 0) }, 7, [2, 3, 9]),
  ...pool(`${op} ceil_mode`, { kernel_shape: list(3, 3), strides: list(2, 2), ceil_mode: i(1) }, 10),
  ...pool(
    `${op} ceil_mode with pads`,
    { kernel_shape: list(2, 2), strides: list(3, 3), pads: list(1, 1, 1, 1), ceil_mode: i(1) },
    10,
    [1, 2, 6, 5],
  ),
});

testOperators('convolutions and pooling', {
  ...conv('plain', {}),
  ...conv('pads, strides, dilations', {
    kernel_shape: list(3, 2),
    pads: list(1, 0, 2, 1),
    strides: list(2, 1),
    dilations: list(1, 2),
  }),
  ...conv('groups', { group: i(2), pads: list(1, 1, 1, 1) }, [6, 2, 3, 3]),
  ...conv('depthwise', { group: i(4), ...upper, strides: list(2, 2) }, [4, 1, 3, 2]),
  ...conv('SAME_LOWER', lower, [3, 4, 4, 2]),
  ...conv('VALID', { auto_pad: { s: 'VALID' }, strides: list(2, 3) }),
  ...conv('1-d', { pads: list(2, 1), strides: list(2) }, [3, 4, 3], [2, 4, 9]),
  GlobalAveragePool: { x: [image] },
  ...pools('AveragePool'),
  ...pools('MaxPool'),
  ...pool('MaxPool dilations', dilated, 10),
  ...pool('AveragePool dilations', dilated, 19),
  ...pool('AveragePool count_include_pad', {
    kernel_shape: list(3, 3),
    pads: list(1, 1, 2, 1),
    strides: list(2, 1),
    count_include_pad: i(1),
  }),
  ...pool(
    'AveragePool count_include_pad with ceil_mode',
    {
      kernel_shape: list(3, 3),
      pads: list(1, 1, 1, 1),
      strides: list(3, 2),
      count_include_pad: i(1),
      ceil_mode: i(1),
    },
    10,
  ),
  ...Object.fromEntries(
    (
      [
        ['1-d', [2, 3, 9], { kernel_shape: list(3), strides: list(2), pads: list(1, 1) }],
        ['2-d', image, { kernel_shape: list(3, 2), strides: list(2, 1), pads: list(1, 0, 2, 1) }],
        ['ceil_mode', image, { kernel_shape: list(3, 3), strides: list(2, 2), ceil_mode: i(1) }],
        ['dilations', image, dilated],
        ['column by column', image, { kernel_shape: list(2, 3), storage_order: i(1), ...upper }],
        ['3-d', [1, 2, 4, 3, 5], { kernel_shape: list(2, 2, 3), strides: list(2, 1, 2) }],
      ] as [string, number[], Attributes][]
    ).map(([title, x, attributes]) => [
      `MaxPool with Indices, ${title}`,
      { x: [x], attributes, outputs: 2, types: [1, 7], from: 10 },
    ]),
  ),
});
