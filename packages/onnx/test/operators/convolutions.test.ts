/** Transposed convolutions, and windows over three axes. */
import type { AttributeValue } from '../helpers/onnx-encoder.js';
import { latest, type OpenCase, openCases, s } from '../helpers/open-cases.js';
import { i, list, weight } from '../helpers/operator-cases.js';

openCases('transposed convolutions, and windows over three axes', [
  ...(
    [
      ['plain', {}],
      ['pads, strides, dilations', { pads: list(1, 0, 2, 1), strides: list(2, 1), dilations: list(1, 2) }],
      ['output_padding', { strides: list(3, 2), output_padding: list(1, 0), kernel_shape: list(3, 2) }],
      ['SAME_UPPER', { strides: list(2, 2), auto_pad: s('SAME_UPPER') }],
      ['SAME_LOWER', { strides: list(2, 1), auto_pad: s('SAME_LOWER') }],
      ['VALID', { strides: list(2, 2), auto_pad: s('VALID') }],
      ['groups', { group: i(2) }],
    ] as [string, Record<string, AttributeValue>][]
  ).map(([title, attributes]) => ({
    op: 'ConvTranspose',
    title,
    x: [[2, 4, 3, 4]],
    constants: { w: weight([4, 2, 3, 2]), b: weight([attributes.group ? 4 : 2]) },
    attributes,
  })),
  {
    op: 'ConvTranspose',
    title: '1-d',
    x: [[1, 2, 5]],
    constants: { w: weight([2, 3, 3]) },
    attributes: { strides: list(2), pads: list(1, 0) },
  },
  ...[
    [6, 4],
    [7, 7],
  ].map((shape) => ({
    op: 'ConvTranspose',
    title: `output_shape ${shape}`,
    x: [[1, 4, 3, 3]],
    constants: { w: weight([4, 2, 3, 3]) },
    attributes: { strides: list(2, 2), output_shape: list(...shape) },
    known: true,
  })),
  {
    op: 'ConvTranspose',
    title: 'of secret weights',
    x: [
      [1, 2, 3, 3],
      [2, 3, 2, 2],
    ],
    known: true,
  },
  {
    op: 'Conv',
    title: 'of secret weights',
    x: [
      [1, 2, 4, 4],
      [3, 2, 2, 2],
    ],
    attributes: { pads: list(0, 1, 2, 0) },
    known: true,
  },
  { op: 'GlobalMaxPool', x: [[2, 3, 4, 5]] },
  ...(
    [
      ['plain', {}],
      ['pads, strides', { pads: list(1, 0, 1, 0, 1, 1), strides: list(2, 1, 2) }],
      ['dilations, groups', { dilations: list(2, 1, 2), group: i(2) }],
      ['SAME_UPPER', { auto_pad: s('SAME_UPPER'), strides: list(2, 2, 1) }],
    ] as [string, Record<string, AttributeValue>][]
  ).map(([title, attributes]) => ({
    op: 'Conv',
    title: `3-d, ${title}`,
    x: [[2, 4, 4, 3, 5]],
    constants: { w: weight([2, attributes.group ? 2 : 4, 2, 3, 2]), b: weight([2]) },
    attributes,
    known: true,
  })),
  ...['MaxPool', 'AveragePool'].flatMap((op) =>
    (
      [
        ['plain', {}, 7],
        ['pads, strides', { pads: list(1, 0, 1, 0, 1, 1), strides: list(2, 1, 2) }, 7],
        ['ceil_mode', { ceil_mode: i(1), strides: list(2, 2, 3) }, 10],
        ['SAME_LOWER', { auto_pad: s('SAME_LOWER') }, 7],
        ['dilations', { dilations: list(2, 1, 1) }, op === 'MaxPool' ? 10 : 19],
      ] as [string, Record<string, AttributeValue>, number][]
    ).map(([title, attributes, from]) => ({
      op,
      title: `3-d, ${title}`,
      x: [[1, 2, 4, 5, 6]],
      attributes: { kernel_shape: list(2, 3, 2), ...attributes },
      opsets: latest(from),
      known: true,
    })),
  ),
  ...(
    [
      ['plain', {}],
      ['pads, strides', { pads: list(1, 0, 1, 0, 1, 1), strides: list(2, 1, 3) }],
      ['dilations, groups', { dilations: list(2, 1, 2), group: i(2) }],
      ['output_padding', { strides: list(2, 2, 1), output_padding: list(1, 0, 0) }],
      ['SAME_UPPER', { auto_pad: s('SAME_UPPER'), strides: list(2, 2, 1) }],
      ['output_shape', { output_shape: list(7, 6, 5), strides: list(2, 2, 1) }],
    ] as [string, Record<string, AttributeValue>][]
  ).map(([title, attributes]) => ({
    op: 'ConvTranspose',
    title: `3-d, ${title}`,
    x: [[2, 4, 3, 2, 4]],
    constants: { w: weight([4, 2, 2, 3, 2]), b: weight([attributes.group ? 4 : 2]) },
    attributes,
    known: true,
  })),
  ...[1, 2, 3, 4, 6].flatMap((p): OpenCase[] => [
    {
      op: 'LpPool',
      title: `p ${p}`,
      x: [[1, 2, 5, 6]],
      attributes: { p: i(p), kernel_shape: list(3, 2), strides: list(2, 1), pads: list(1, 0, 1, 1) },
    },
    { op: 'GlobalLpPool', title: `p ${p}`, x: [[1, 2, 5, 6]], attributes: { p: i(p) }, opsets: [7, 21] },
  ]),
  {
    op: 'LpPool',
    title: '3-d',
    x: [[1, 2, 4, 5, 3]],
    attributes: { p: i(3), kernel_shape: list(3, 2, 2) },
    known: true,
  },
  {
    op: 'LpPool',
    title: 'ceil_mode',
    x: [[1, 2, 6, 5]],
    attributes: { kernel_shape: list(2, 3), strides: list(3, 2), ceil_mode: i(1) },
    opsets: latest(18),
    known: true,
  },
  {
    op: 'AveragePool',
    title: '3-d with its padding',
    x: [[1, 2, 4, 5, 6]],
    attributes: { kernel_shape: list(2, 3, 3), pads: list(1, 1, 0, 0, 1, 2), count_include_pad: i(1) },
    known: true,
  },
]);
