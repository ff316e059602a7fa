/** Operators that select, or write, by public indices. */
import { floats, int, latest, node, openCases, s, table } from '../helpers/open-cases.js';
import { i, ints } from '../helpers/operator-cases.js';

openCases('operators that select, or write, by public indices', [
  ...[0, 1, -1].map((axis) => ({
    op: 'Gather',
    title: `of a matrix of indices along ${axis}`,
    x: [[3, 4]],
    constants: { n: table([2, 2], 2, -1, 0, 0) },
    attributes: { axis: i(axis) },
    opsets: latest(11),
  })),
  {
    op: 'Gather',
    title: 'by a shape',
    x: [
      [9, 2],
      [3, 4],
    ],
    inputs: ['x0', 'n'],
    before: [node('Shape', ['x1'], 'n')],
  },
  ...[0, 1].map((axis) => ({
    op: 'GatherElements',
    title: `along ${axis}`,
    x: [[3, 3]],
    constants: { n: table([2, 3], 1, 2, 0, 2, 0, -1) },
    attributes: { axis: i(axis) },
    opsets: latest(11),
  })),
  { op: 'GatherND', x: [[2, 3, 2]], constants: { n: table([2, 2], 0, 1, 1, -1) }, opsets: latest(11) },
  {
    op: 'GatherND',
    title: 'with a batch',
    x: [[2, 3, 2]],
    constants: { n: table([2, 1], 1, 0) },
    attributes: { batch_dims: i(1) },
    opsets: latest(12),
  },
  ...(
    [
      ['Scatter', 'none', 9, 10],
      ['ScatterElements', 'none', 11, 15],
      ['ScatterElements', 'none', 16, 24],
      ['ScatterElements', 'add', 16, 24],
      ['ScatterElements', 'mul', 16, 24],
      ['ScatterElements', 'max', 18, 24],
      ['ScatterElements', 'min', 18, 24],
    ] as const
  ).map(([op, reduction, from, to]) => ({
    op,
    title: `${reduction}, opset ${from}`,
    x: [
      [3, 3],
      [2, 3],
    ],
    inputs: ['x0', 'n', 'x1'],
    constants: {
      n: reduction === 'none' ? table([2, 3], 1, 0, 2, 0, 2, 1) : table([2, 3], 1, 0, 2, 1, 0, 1),
    },
    ...(from >= 16 && { attributes: { reduction: s(reduction), axis: i(0) } }),
    opsets: [from, to] as [number, number],
  })),
  ...(
    [
      ['none', 11],
      ['add', 16],
    ] as const
  ).map(([reduction, from]) => ({
    op: 'ScatterND',
    title: reduction,
    x: [
      [4, 2],
      [3, 2],
    ],
    inputs: ['x0', 'n', 'x1'],
    constants: { n: reduction === 'none' ? table([3, 1], 3, 0, 1) : table([3, 1], 3, 0, 3) },
    ...(from >= 16 && { attributes: { reduction: s(reduction) } }),
    opsets: latest(from),
  })),
  ...[-1, 0, 1].map((axis) => ({
    op: 'Add',
    title: `OneHot along ${axis}`,
    x: [axis === 0 ? [4, 2, 2] : axis === 1 ? [2, 4, 2] : [2, 2, 4]],
    inputs: ['x0', 'hot'],
    constants: { n: table([2, 2], 1, -1, 7, 0), depth: int(4), values: floats(-0.5, 2) },
    before: [node('OneHot', ['n', 'depth', 'values'], 'hot', { axis: i(axis) })],
    opsets: latest(9),
  })),
  {
    op: 'Gather',
    title: 'of what is not zero',
    x: [[4, 2]],
    inputs: ['x0', 'n1'],
    constants: { mask: floats(0, 1, 0, -3), rows: ints(-1) },
    before: [node('NonZero', ['mask'], 'n'), node('Reshape', ['n', 'rows'], 'n1')],
    opsets: latest(9),
  },
  ...[undefined, 0, -1].map((axis) => ({
    op: 'Compress',
    title: `along ${axis}`,
    x: [[3, 2]],
    constants: { c: { type: 9, shape: [2], data: [0, 1] } },
    ...(axis !== undefined && { attributes: { axis: i(axis) } }),
    opsets: latest(11),
  })),
  ...[0, 1].map((time) => ({
    op: 'ReverseSequence',
    title: `along ${time}`,
    x: [[3, 3, 2]],
    constants: { n: ints(1, 3, 2) },
    attributes: { time_axis: i(time), batch_axis: i(1 - time) },
    opsets: latest(10),
    known: true,
  })),
]);
