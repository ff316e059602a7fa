import { each, i, moving, testOperators, weight } from '../helpers/operator-cases.js';

const NAMED = [
  'Softplus',
  'Softsign',
  'Exp',
  'Elu',
  'Selu',
  'LeakyRelu',
  'HardSigmoid',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSumExp',
  'ReduceSumSquare',
];

testOperators('activations and their parameters', {
  ...each(NAMED, (op) => [op, { x: [[2, 3, 4]] }]),
  'Selu of other scales': { x: [[5]], attributes: { alpha: { f: 0.7 }, gamma: { f: 1.3 } } },
  Celu: { x: [[2, 3]], from: 12 },
  'Celu of alpha 1/2': { x: [[2, 3]], attributes: { alpha: { f: 0.5 } }, from: 12 },
  Gelu: { x: [[2, 3]], from: 20 },
  'Gelu by tanh': { x: [[2, 3]], attributes: { approximate: { s: 'tanh' } }, from: 20 },
  'PRelu of one slope a channel': { x: [[2, 3, 4]], constants: { slope: weight([3, 1]) } },
  'Max of three': { x: [[2, 3], [3], [2, 1]], from: 8 },
  'Min of one': { x: [[2, 3]] },
  'Mean of three': { x: [[2, 3], [3], [1]], from: 8 },
  'Mean of one': { x: [[2, 3]] },
  'ReduceL2 along axes': { x: [[2, 3, 4]], ...moving(18, { axes: [0, -1] }) },
  'ReduceLogSumExp along an axis': { x: [[2, 3, 4]], ...moving(18, { axes: [1] }) },
});

testOperators('softmax', {
  ...each([0, 1, 2, -1, -2], (axis) => [
    `Softmax of axis ${axis}`,
    { x: [[2, 3, 4]], attributes: { axis: i(axis) } },
  ]),
  ...each([0, -1], (axis) => [`LogSoftmax of axis ${axis}`, { x: [[3, 4]], attributes: { axis: i(axis) } }]),
  'Softmax by default': { x: [[2, 3, 2]] },
  'Softmax of a vector': { x: [[5]], attributes: { axis: i(0) } },
});

testOperators('normalisation', {
  LayerNormalization: { x: [[2, 3, 4]], constants: { scale: weight([4]), b: weight([4], 3) }, from: 17 },
  'LayerNormalization of two axes without a bias': {
    x: [[2, 3, 4]],
    constants: { scale: weight([3, 4]) },
    attributes: { axis: i(1), epsilon: { f: 0.01 } },
    from: 17,
  },
  InstanceNormalization: { x: [[2, 3, 4, 2]], constants: { scale: weight([3]), b: weight([3], 5) } },
  'InstanceNormalization of sequences': {
    x: [[2, 3, 5]],
    constants: { scale: weight([3]), b: weight([3], 5) },
    attributes: { epsilon: { f: 0.1 } },
  },
  'GroupNormalization by channels': {
    x: [[2, 4, 3, 2]],
    constants: { scale: weight([4]), b: weight([4], 5) },
    attributes: { num_groups: i(2) },
    from: 21,
  },
  MeanVarianceNormalization: { x: [[2, 3, 4, 2]], from: 9 },
  LpNormalization: { x: [[3, 4]] },
  'LpNormalization of p 1': { x: [[3, 4]], attributes: { p: i(1), axis: i(0) } },
  LRN: {
    x: [[2, 6, 3, 2]],
    attributes: { size: i(3), alpha: { f: 0.4 }, beta: { f: 0.75 }, bias: { f: 2 } },
  },
  'LRN of other sizes': {
    x: [[1, 5, 2, 2]],
    attributes: { size: i(5), alpha: { f: 0.5 }, beta: { f: 0.5 } },
  },
});
