import { each, i, testOperators, weight } from '../helpers/operator-cases.js';

const FACTORS: [number[], number[]][] = [
  [
    [2, 3, 4],
    [4, 5],
  ],
  [[4], [4, 5]],
  [[2, 3, 4], [4]],
  [[4], [4]],
  [
    [2, 3, 4],
    [2, 4, 2],
  ],
  [[4], [2, 4, 3]],
];

testOperators('matrix products', {
  'MatMul of secrets': {
    x: [
      [3, 4, 4],
      [4, 4],
    ],
  },
  ...each(FACTORS, ([a, b]) => [`MatMul [${a}] x constant [${b}]`, { x: [a], constants: { w: weight(b) } }]),
  ...each(FACTORS, ([a, b]) => [
    `MatMul constant [${a}] x [${b}]`,
    { x: [b], inputs: ['w', 'x0'], constants: { w: weight(a) } },
  ]),
  'MatMul constant matrix x secret': {
    x: [[2, 4, 3]],
    inputs: ['w', 'x0'],
    constants: { w: weight([5, 4]) },
  },
  'Gemm plain': { x: [[3, 4]], constants: { w: weight([4, 5]), b: weight([5]) } },
  'Gemm transposed, scaled, scalar C': {
    x: [[4, 3]],
    constants: { w: weight([5, 4]), b: weight([1]) },
    attributes: { transA: i(1), transB: i(1), alpha: { f: 0.3 }, beta: { f: -2 } },
  },
  'Gemm with a matrix C': {
    x: [[3, 4]],
    constants: { w: weight([4, 5]), b: weight([3, 5]) },
    attributes: { beta: { f: 0.5 } },
  },
  'Gemm with a constant first factor': {
    x: [[4, 5]],
    inputs: ['w', 'x0', 'b'],
    constants: { w: weight([4, 3]), b: weight([5]) },
    attributes: { transA: i(1), alpha: { f: 2 } },
  },
  'Gemm of secrets': {
    x: [
      [3, 4],
      [5, 4],
      [3, 5],
    ],
    attributes: { transB: i(1), alpha: { f: 0.5 }, beta: { f: 3 } },
  },
  'Gemm without C': { x: [[3, 4]], constants: { w: weight([4, 5]) }, from: 11 },
});
