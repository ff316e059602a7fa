/** Operators that move elements. */
import { int, latest, node, openCases, s } from '../helpers/open-cases.js';
import { i, ints, list } from '../helpers/operator-cases.js';

openCases('operators that move elements', [
  ...[
    { starts: [-1], ends: [-(2 ** 31)], axes: [1], steps: [-1] },
    { starts: [3, 5], ends: [0, -100], axes: [0, -1], steps: [-2, -1] },
    { starts: [0], ends: [4], axes: [0], steps: [-1] },
  ].map(({ starts, ends, axes, steps }) => ({
    op: 'Slice',
    title: `by ${steps}`,
    x: [[4, 6]],
    constants: { s: ints(...starts), e: ints(...ends), a: ints(...axes), t: ints(...steps) },
    opsets: latest(10),
  })),
  ...[
    [2, 3],
    [1, 1],
    [0, 2],
  ].map((repeats) => ({ op: 'Tile', title: `${repeats}`, x: [[2, 3]], constants: { r: ints(...repeats) } })),
  {
    op: 'Tile',
    title: 'by a shape',
    x: [[2, 3]],
    inputs: ['x0', 'r'],
    before: [node('Shape', ['x0'], 'r')],
  },
  ...[0, 1].flatMap((upper) =>
    [undefined, -1, 2].map((k) => ({
      op: 'Trilu',
      title: `upper ${upper}, k ${k}`,
      x: [[2, 3, 4]],
      ...(k !== undefined && { constants: { k: int(k) } }),
      attributes: { upper: i(upper) },
      opsets: latest(14),
    })),
  ),
  ...[0, 1].flatMap((exclusive) =>
    [0, 1].map((reverse) => ({
      op: 'CumSum',
      title: `exclusive ${exclusive}, reverse ${reverse}`,
      x: [[2, 5, 3]],
      constants: { axis: int(reverse ? 1 : -2) },
      attributes: { exclusive: i(exclusive), reverse: i(reverse) },
      opsets: latest(11),
    })),
  ),
  { op: 'DepthToSpace', x: [[2, 8, 2, 3]], attributes: { blocksize: i(2) } },
  ...['DCR', 'CRD'].map((mode) => ({
    op: 'DepthToSpace',
    title: mode,
    x: [[1, 18, 2, 1]],
    attributes: { blocksize: i(3), mode: s(mode) },
    opsets: latest(11),
  })),
  { op: 'SpaceToDepth', x: [[1, 2, 4, 6]], attributes: { blocksize: i(2) } },
  ...(
    [
      ['reflect', 11],
      ['edge', 11],
      ['wrap', 19],
    ] as [string, number][]
  ).flatMap(([mode, from]) =>
    [
      [0, 1, 2, 1, 0, 2],
      [0, 0, 0, 1, 2, 3],
      [0, -1, 1, 0, 0, -2],
    ].map((pads) => ({
      op: 'Pad',
      title: `${mode} ${pads}`,
      x: [[2, 3, 4]],
      constants: { p: ints(...pads) },
      attributes: { mode: s(mode) },
      opsets: latest(from),
    })),
  ),
  ...['reflect', 'edge'].map((mode) => ({
    op: 'Pad',
    title: `${mode} by attributes`,
    x: [[2, 3, 4]],
    attributes: { mode: s(mode), pads: list(0, 1, 2, 1, 0, 2) },
    opsets: [7, 10] as [number, number],
  })),
  {
    op: 'Pad',
    title: 'edge along axes',
    x: [[2, 3, 4]],
    inputs: ['x0', 'p', '', 'a'],
    constants: { p: ints(1, 2, 3, 0), a: ints(-1, 0) },
    attributes: { mode: s('edge') },
    opsets: latest(18),
  },
  {
    op: 'Split',
    title: 'into uneven parts',
    x: [[2, 7]],
    outputs: 3,
    attributes: { axis: i(-1), num_outputs: i(3) },
    opsets: latest(18),
  },
  {
    op: 'Split',
    title: 'by sizes, one of them 0',
    x: [[2, 7]],
    outputs: 3,
    constants: { n: ints(3, 0, 4) },
    attributes: { axis: i(1) },
    opsets: latest(13),
  },
  {
    op: 'Split',
    title: 'by sizes computed from shapes',
    x: [
      [7, 2],
      [3, 4],
    ],
    inputs: ['x0', 'n'],
    before: [node('Shape', ['x1'], 'n')],
    outputs: 2,
    opsets: latest(13),
  },
  { op: 'Split', title: 'equally', x: [[6, 2]], outputs: 3, opsets: [7, 17] },
  ...[
    [5, 2],
    [2, 7],
    [4, 5],
  ].map((shape) => ({
    op: 'CenterCropPad',
    title: `${shape}`,
    x: [[4, 5]],
    constants: { shape: ints(...shape) },
    opsets: latest(18),
    known: true,
  })),
]);
