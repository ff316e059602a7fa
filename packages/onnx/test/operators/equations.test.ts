/** Einsum, and what follows from shapes. */
import { latest, node, openCases, s } from '../helpers/open-cases.js';
import { i, ints, scalar, weight } from '../helpers/operator-cases.js';

openCases('Einsum, and what follows from shapes', [
  ...(
    [
      ['ij,jk->ik', [2, 3], [3, 2]],
      ['bij,bkj->bik', [2, 2, 3], [2, 4, 3]],
      ['...ij,...jk', [2, 1, 2, 3], [2, 1, 3, 2]],
      ['i,j', [3], [2]],
      ['bhqd,bhkd->bhqk', [1, 2, 3, 4], [1, 2, 2, 4]],
      ['ii->i', [3, 3]],
      ['...ii->...i', [2, 3, 3]],
      ['ij->', [2, 3]],
      ['ba', [2, 3]],
      ['ij,jk,kl->li', [2, 3], [3, 2], [2, 2]],
      [' i j , j -> i ', [2, 3], [3]],
    ] as [string, ...number[][]][]
  ).map(([equation, ...x]) => ({
    op: 'Einsum',
    title: equation,
    x,
    attributes: { equation: s(equation) },
    opsets: latest(12),
  })),
  {
    op: 'Einsum',
    title: 'with a constant',
    x: [[2, 3]],
    constants: { w: weight([3, 4]) },
    attributes: { equation: s('ij,jk->ki') },
    opsets: latest(12),
  },
  {
    op: 'Add',
    title: 'with a mask of Dropout',
    x: [[2, 3]],
    inputs: ['d', 'f'],
    before: [
      { op: 'Dropout', inputs: ['x0'], outputs: ['d', 'mask'] },
      node('Cast', ['mask'], 'f', { to: i(1) }),
    ],
    known: true,
  },
  {
    op: 'Mul',
    title: 'by a Size',
    x: [[2, 3]],
    inputs: ['x0', 'f'],
    before: [node('Size', ['x0'], 'n'), node('Cast', ['n'], 'f', { to: i(1) })],
    known: true,
  },
  {
    op: 'Reshape',
    title: 'to a Size',
    x: [[2, 3]],
    inputs: ['x0', 'n1'],
    constants: { axes: ints(0) },
    before: [node('Size', ['x0'], 'n'), node('Unsqueeze', ['n', 'axes'], 'n1')],
    opsets: latest(13),
  },
  ...[
    [1, 3],
    [-2, -1],
    [-9, 9],
  ].map(([start, end]) => ({
    op: 'Expand',
    title: `to the shape from ${start} to ${end}`,
    x: [[1], [2, 3, 4]],
    inputs: ['x0', 'n'],
    before: [node('Shape', ['x1'], 'n', { start: i(start), end: i(end) })],
    opsets: latest(15),
  })),
  {
    op: 'CastLike',
    x: [[2, 3]],
    constants: { like: weight([1]) },
    opsets: latest(15),
  },
  {
    op: 'Add',
    title: 'of an EyeLike',
    x: [[3, 4]],
    inputs: ['x0', 'eye'],
    before: [node('EyeLike', ['x0'], 'eye', { k: i(1) })],
    opsets: latest(9),
    known: true,
  },
  ...(
    [
      ['of whole numbers', []],
      ['of halves of integers', [node('Cast', ['n'], 'f', { to: i(1) }), node('Mul', ['f', 'half'], 'n1')]],
      [
        'of halves that were divided',
        [node('Cast', ['n'], 'f', { to: i(1) }), node('Div', ['f', 'two'], 'n1')],
      ],
      ['of integers that are not zero', [node('Cast', ['n'], 'n1', { to: i(9) })]],
      [
        'of truth values as integers',
        [node('Cast', ['n'], 'p', { to: i(9) }), node('Cast', ['p'], 'n1', { to: i(7) })],
      ],
      ['of integers that were divided', [node('Div', ['n', 'divisors'], 'n1')]],
      ['of a division of integers by 1', [node('Div', ['n', 'one'], 'n1')]],
    ] as const
  ).map(([title, before]) => ({
    op: 'Cast',
    title,
    x: [[4, 3]],
    inputs: [before.length > 0 ? 'n1' : 'n'],
    attributes: { to: i(1) },
    constants: {
      many: scalar(9),
      half: scalar(0.5),
      two: scalar(2),
      one: ints(1),
      divisors: ints(3, -4, 7),
    },
    before: [node('Mul', ['x0', 'many'], 'm'), node('Cast', ['m'], 'n', { to: i(7) }), ...before],
  })),
  { op: 'Mean', x: [[2, 3], [3], [2, 1]], opsets: latest(8) },
  { op: 'Mean', title: 'of one', x: [[2, 3]] },
]);
