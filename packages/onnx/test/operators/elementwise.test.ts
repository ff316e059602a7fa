import { changing, each, i, scalar, testOperators, weight } from '../helpers/operator-cases.js';

const image = [2, 4, 7, 6];

testOperators('elementwise operators', {
  ...each(['Relu', 'Tanh', 'Sigmoid', 'Exp', 'Neg', 'Identity'], (op) => [op, { x: [image] }]),
  ...each(['Add', 'Sub', 'Mul'], (op) => [
    `${op} of secrets`,
    {
      x: [
        [3, 4, 4],
        [4, 4],
      ],
    },
  ]),
  ...each(['Add', 'Sub', 'Mul', 'Div'], (op) => [
    `${op} by channel constants`,
    { x: [[2, 4, 3, 3]], constants: { w: { shape: [4, 1, 1], data: [1, -2, 0.5, 4] } } },
  ]),
  'Sub of a constant and a secret': { x: [[2, 3]], inputs: ['w', 'x0'], constants: { w: weight([3]) } },
  'Mul with itself': { x: [[2, 3]], inputs: ['x0', 'x0'] },
  'Add that enlarges': { x: [[3, 1]], constants: { w: weight([2, 3, 4]) } },
  Sum: { x: [[2, 3], [3], [2, 1]], from: 8 },
  'Pow by whole numbers': {
    x: [[2, 5]],
    constants: { n: { shape: [5], data: [0, 1, 2, 3, 7] } },
  },
  'Pow by more whole numbers than there are': {
    x: [[5]],
    constants: { n: { shape: [2, 1], data: [4, 3] } },
  },
  ...each([1, 2, 3, 5], (n) => [`Pow ${n}`, { x: [[2, 5]], constants: { n: scalar(n) } }]),
  Clip: {
    x: [[2, 9]],
    ...changing(
      11,
      { attributes: { min: { f: -0.5 }, max: { f: 1 } } },
      { constants: { min: scalar(-0.5), max: scalar(1) } },
    ),
  },
  'Clip from 0': {
    x: [[2, 9]],
    ...changing(11, { attributes: { min: { f: 0 } } }, { constants: { min: scalar(0) } }),
  },
  'Clip from a computed limit': { x: [[2, 9], []], from: 11 },
  'Clip to a computed limit': { x: [[2, 9], []], inputs: ['x0', '', 'x1'], from: 11 },
  'Clip between computed limits': { x: [[2, 9], [], []], from: 12 },
  'Clip between a constant and a computed limit': {
    x: [[2, 9], []],
    inputs: ['x0', 'c', 'x1'],
    constants: { c: scalar(-0.5) },
    from: 12,
  },
  'Clip between a computed limit and a constant': {
    x: [[2, 9], []],
    inputs: ['x0', 'x1', 'c'],
    constants: { c: scalar(0.5) },
    from: 12,
  },
  'Clip of one number': { x: [[], []], from: 11 },
  Dropout: { x: [[2, 3]], ...changing(12, { attributes: { ratio: { f: 0.4 } } }, {}) },
  'Cast to float': { x: [[2, 3]], attributes: { to: i(1) } },
  BatchNormalization: {
    x: [image],
    constants: {
      s: weight([4], 2),
      b: weight([4], 3),
      m: weight([4], 4),
      v: { shape: [4], data: [0.017, 1, 0.13, 7] },
    },
    attributes: { epsilon: { f: 1e-3 }, momentum: { f: 0.9 } },
  },
});
