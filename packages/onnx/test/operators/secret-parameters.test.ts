/** Parameters that are usually constants of the model, as secrets. */
import { latest, node, type OpenCase, openCases, table } from '../helpers/open-cases.js';
import { i, ints } from '../helpers/operator-cases.js';

const channels = (...x: number[][]) => x;
const statistics = (training: boolean): OpenCase => ({
  op: 'BatchNormalization',
  title: training ? 'by its own statistics' : 'by secret statistics',
  x: channels([2, 3, 4, 2], [3], [3], [3], [3]),
  inputs: ['x0', 'x1', 'x2', 'x3', 'v'],
  before: [node('Abs', ['x4'], 'a'), node('Add', ['a', 'one'], 'v')],
  constants: { one: { shape: [], data: [0.5] } },
  attributes: { epsilon: { f: 0.01 }, ...(training && { training_mode: i(1), momentum: { f: 0.75 } }) },
  outputs: training ? 3 : 1,
  opsets: latest(training ? 14 : 7),
});

openCases('secret parameters', [
  { op: 'InstanceNormalization', x: channels([2, 3, 4, 2], [3], [3]), opsets: latest(7) },
  {
    op: 'GroupNormalization',
    x: channels([2, 4, 3, 2], [4], [4]),
    attributes: { num_groups: i(2) },
    opsets: latest(21),
    known: true,
  },
  {
    op: 'LayerNormalization',
    x: channels([2, 3, 4], [3, 4], [3, 4]),
    attributes: { axis: i(1) },
    opsets: latest(17),
  },
  statistics(false),
  statistics(true),
  ...[
    [1, 0, 0, 2],
    [-1, 1, 0, 2],
  ].map((pads) => ({
    op: 'Pad',
    title: `by a secret value, ${pads}`,
    x: [[2, 3], []],
    inputs: ['x0', 'p', 'x1'],
    constants: { p: ints(...pads) },
    opsets: latest(11),
    known: true,
  })),
  {
    op: 'DequantizeLinear',
    title: 'of one secret scale',
    x: [[]],
    inputs: ['q', 'x0'],
    constants: { q: { type: 2, shape: [2, 3], data: [], raw: Uint8Array.of(0, 3, 128, 255, 7, 1) } },
    opsets: latest(10),
  },
  ...[0, -1].map((axis) => ({
    op: 'DequantizeLinear',
    title: `of secret scales along axis ${axis}`,
    x: [[2]],
    inputs: ['q', 'x0', 'z'],
    constants: {
      q: { type: 2, shape: [2, 2], data: [], raw: Uint8Array.of(0, 3, 128, 255) },
      z: { type: 2, shape: [2], data: [], raw: Uint8Array.of(3, 100) },
    },
    attributes: { axis: i(axis) },
    opsets: latest(13),
  })),
  {
    op: 'DequantizeLinear',
    title: 'of a secret scale a block',
    x: [[2, 2]],
    inputs: ['q', 'x0'],
    constants: { q: { type: 2, shape: [2, 4], data: [], raw: Uint8Array.of(0, 3, 128, 255, 9, 8, 7, 6) } },
    attributes: { axis: i(1), block_size: i(2) },
    known: true,
    opsets: latest(21),
  },
  {
    op: 'OneHot',
    title: 'of secret values',
    x: [[2]],
    inputs: ['n', 'd', 'x0'],
    constants: { n: table([3], 0, 2, 1), d: { type: 7, shape: [], data: [3] } },
    attributes: { axis: i(0) },
    opsets: latest(11),
  },
  {
    op: 'PRelu',
    title: 'of secret slopes',
    x: [
      [2, 3, 4],
      [3, 1],
    ],
    known: true,
  },
]);
