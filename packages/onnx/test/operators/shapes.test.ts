import {
  changing,
  each,
  i,
  ints,
  list,
  moving,
  scalar,
  testOperators,
  weight,
} from '../helpers/operator-cases.js';

const image = [2, 4, 7, 6];
const axes = (since: number, ...values: number[]) => moving(since, { axes: values });

testOperators('operators that move or sum elements', {
  Pad: {
    x: [[2, 3, 4]],
    ...changing(
      11,
      { attributes: { pads: list(0, 1, 2, 1, 0, -1), value: { f: 0.5 }, mode: { s: 'constant' } } },
      { constants: { pads: ints(0, 1, 2, 1, 0, -1), value: scalar(0.5) } },
    ),
  },
  'Pad with axes': {
    x: [[2, 3, 4]],
    inputs: ['x0', 'pads', '', 'axes'],
    constants: { pads: ints(1, 2, 3, 4), axes: ints(-1, 0) },
    from: 18,
  },
  ...each([0, 1, 2, 4], (axis) => [`Flatten ${axis}`, { x: [image], attributes: { axis: i(axis) } }]),
  'Flatten -1': { x: [image], attributes: { axis: i(-1) }, from: 11 },
  ...each([[0, -1], [4, 0, 3, -1], [-1], [2, 2, 2, 42]], (shape) => [
    `Reshape to [${shape}]`,
    { x: [[4, 4, 7, 3]], constants: { s: ints(...shape) } },
  ]),
  'Reshape allowzero': {
    x: [[4, 6]],
    constants: { s: ints(8, 3) },
    attributes: { allowzero: i(1) },
    from: 14,
  },
  Squeeze: { x: [[1, 3, 1, 2]], ...axes(13, 0, 2) },
  'Squeeze all': { x: [[1, 3, 1, 2]] },
  Unsqueeze: { x: [[3, 2]], ...axes(13, 0, 3) },
  'Unsqueeze from the end': { x: [[3, 2]], ...axes(13, -1, 1), from: 11 },
  Transpose: { x: [[2, 3, 4]], attributes: { perm: list(2, 0, 1) } },
  'Transpose without perm': { x: [[2, 3, 4]] },
  Concat: {
    x: [
      [2, 3, 2],
      [2, 1, 2],
      [2, 4, 2],
    ],
    attributes: { axis: i(1) },
  },
  'Concat with a constant': {
    x: [[2, 3]],
    inputs: ['w', 'x0'],
    constants: { w: weight([2, 2]) },
    attributes: { axis: i(-1) },
    from: 11,
  },
  Slice: {
    x: [[5, 6, 7]],
    ...moving(10, { starts: [1, -3], ends: [4, 9007199254740993n], axes: [0, 2] }),
  },
  'Slice without axes': { x: [[5, 6]], ...moving(10, { starts: [1, 0], ends: [-1, 2 ** 31] }) },
  'Slice with steps': {
    x: [[5, 9]],
    constants: { s: ints(0, 1), e: ints(5, 100), a: ints(-2, -1), t: ints(2, 3) },
    from: 10,
  },
  'Split along an axis': {
    x: [[4, 6]],
    outputs: 2,
    ...changing(
      13,
      { attributes: { axis: i(1), split: list(2, 4) } },
      { attributes: { axis: i(1) }, constants: { split: ints(2, 4) } },
    ),
  },
  'Split equally': { x: [[6, 2]], outputs: 3, ...changing(18, {}, { attributes: { num_outputs: i(3) } }) },
  ReduceMean: { x: [[2, 3, 4]], ...axes(18, 0, 2) },
  ReduceSum: { x: [[2, 3, 4]], ...axes(13, 1) },
  ...each(['ReduceMean', 'ReduceSum'], (op) => [
    `${op} of all, without dimensions`,
    { x: [[2, 3, 4]], attributes: { keepdims: i(0) } },
  ]),
  'ReduceSum of nothing': { x: [[2, 3]], attributes: { noop_with_empty_axes: i(1) }, from: 13 },
  ...each([0, -1], (index) => [
    `Gather ${index} of secret data`,
    {
      x: [[2, 3, 4]],
      constants: { n: { type: 7, shape: [], data: [index] } },
      attributes: { axis: i(1) },
      from: index < 0 ? 11 : 7,
    },
  ]),
  'Gather of several': { x: [[2, 3, 4]], constants: { n: ints(2, 0, 2) }, attributes: { axis: i(2) } },
  ...each([-1, 0, 1], (axis) => [
    `TopK along ${axis}`,
    {
      x: [[4, 5]],
      outputs: 2,
      types: [1, 7],
      ...changing(
        10,
        { attributes: { k: i(3), axis: i(axis) } },
        { constants: { k: ints(3) }, attributes: { axis: i(axis) } },
      ),
    },
  ]),
  'TopK smallest': {
    x: [[2, 3, 4]],
    outputs: 2,
    types: [1, 7],
    constants: { k: ints(2) },
    attributes: { axis: i(1), largest: i(0), sorted: i(1) },
    from: 11,
  },
  'TopK by default': {
    x: [[7]],
    outputs: 2,
    types: [1, 7],
    ...changing(10, { attributes: { k: i(7) } }, { constants: { k: ints(7) } }),
  },
});
