/** Methods that move elements or are linear: what users write, against values written out here. */
import { expect } from 'chai';
import { type CrypTensor, einsum, type PlainInput } from '../src/index.js';
import { evaluate, runParties } from './helpers/parties.js';

type Nested = number | readonly Nested[];
const shapeOf = (x: Nested): number[] => (typeof x === 'number' ? [] : [x.length, ...shapeOf(x[0] ?? 0)]);
const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat));

const matrix = [
  [1, 2, 3],
  [4, 5, 6],
];
const vector = [1, 2, 3, 4, 5];

/** A call, what it is of, and what comes out. */
type Case = readonly [name: string, x: PlainInput, call: (x: CrypTensor) => CrypTensor, expected: Nested];

const CASES: readonly Case[] = [
  ['slice down from before the start', vector, (x) => x.slice([-9], [-10], [-1]), []],
  ['slice down to before the start', vector, (x) => x.slice([1], [-9], [-1]), [2, 1]],
  ['at, down from before the start', vector, (x) => x.at('-9::-1'), []],
  [
    'flip',
    matrix,
    (x) => x.flip(),
    [
      [6, 5, 4],
      [3, 2, 1],
    ],
  ],
  [
    'flip of an axis',
    matrix,
    (x) => x.flip(-1),
    [
      [3, 2, 1],
      [6, 5, 4],
    ],
  ],
  [
    'flip of axes',
    matrix,
    (x) => x.flip([0]),
    [
      [4, 5, 6],
      [1, 2, 3],
    ],
  ],
  [
    'narrow',
    matrix,
    (x) => x.narrow(-1, 1, 2),
    [
      [2, 3],
      [5, 6],
    ],
  ],
  ['narrow from the end', vector, (x) => x.narrow(0, -2, 1), [4]],
  ['repeat', [1, 2], (x) => x.repeat(2), [1, 2, 1, 2]],
  [
    'repeat of the last axis',
    matrix,
    (x) => x.repeat(2),
    [
      [1, 2, 3, 1, 2, 3],
      [4, 5, 6, 4, 5, 6],
    ],
  ],
  [
    'repeat with a new axis',
    [1, 2],
    (x) => x.repeat([2, 1]),
    [
      [1, 2],
      [1, 2],
    ],
  ],
  [
    'tril',
    matrix,
    (x) => x.tril(),
    [
      [1, 0, 0],
      [4, 5, 0],
    ],
  ],
  [
    'triu',
    matrix,
    (x) => x.triu(1),
    [
      [0, 2, 3],
      [0, 0, 6],
    ],
  ],
  [
    'cumsum',
    matrix,
    (x) => x.cumsum(1),
    [
      [1, 3, 6],
      [4, 9, 15],
    ],
  ],
  ['cumsum, reverse', vector, (x) => x.cumsum(0, { reverse: true }), [15, 14, 12, 9, 5]],
  ['cumsum, exclusive', vector, (x) => x.cumsum(-1, { exclusive: true }), [0, 1, 3, 6, 10]],
  ['pad by reflection', [1, 2, 3], (x) => x.pad([2, 1], 0, { mode: 'reflect' }), [3, 2, 1, 2, 3, 2]],
  ['pad with the edge', [1, 2, 3], (x) => x.pad([2, 1], 0, { mode: 'edge' }), [1, 1, 1, 2, 3, 3]],
  ['pad from the other end', [1, 2, 3], (x) => x.pad([2, 1], 0, { mode: 'wrap' }), [2, 3, 1, 2, 3, 1]],
  ['pad with a constant', [1], (x) => x.pad([1, 0], 2, { mode: 'constant' }), [2, 1]],
  [
    'take of the flattened',
    matrix,
    (x) =>
      x.take([
        [0, 5],
        [-1, 1],
      ]),
    [
      [1, 6],
      [6, 2],
    ],
  ],
  [
    'take along an axis',
    matrix,
    (x) => x.take([2, 0], 1),
    [
      [3, 1],
      [6, 4],
    ],
  ],
  ['take of one', matrix, (x) => x.take(1, 0), [4, 5, 6]],
  ['take by a tensor', matrix, (x) => x.take({ dims: [1, 2], data: [0, 1] }, -1), [[[1, 2]], [[4, 5]]]],
  [
    'indexSelect',
    matrix,
    (x) => x.indexSelect(-1, [1, 1]),
    [
      [2, 2],
      [5, 5],
    ],
  ],
  ['indexSelect of one', matrix, (x) => x.indexSelect(0, -1), [[4, 5, 6]]],
  ['diagonal', matrix, (x) => x.diagonal(), [1, 5]],
  [
    'diagonal of three axes',
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    (x) => x.diagonal(),
    [[1], [2]],
  ],
  [
    'gather',
    matrix,
    (x) =>
      x.gather(1, [
        [0, 0],
        [2, -2],
      ]),
    [
      [1, 1],
      [6, 5],
    ],
  ],
  [
    'scatter',
    matrix,
    (x) => x.scatter(1, [[0, 2]], [[7, 8]]),
    [
      [7, 2, 8],
      [4, 5, 6],
    ],
  ],
  [
    'scatter of one number',
    matrix,
    (x) => x.scatter(0, [[1, 0, 1]], 9),
    [
      [1, 9, 3],
      [9, 5, 9],
    ],
  ],
  ['scatterAdd', vector, (x) => x.scatterAdd(0, [0, 0, 4, 0], [1, 1, 1, 1]), [4, 2, 3, 4, 6]],
  [
    'indexAdd',
    matrix,
    (x) =>
      x.indexAdd(
        1,
        [2, 2],
        [
          [1, 1],
          [2, 3],
        ],
      ),
    [
      [1, 2, 5],
      [4, 5, 11],
    ],
  ],
  [
    'roll of the flattened',
    matrix,
    (x) => x.roll(2),
    [
      [5, 6, 1],
      [2, 3, 4],
    ],
  ],
  [
    'roll of an axis',
    matrix,
    (x) => x.roll(-1, 1),
    [
      [2, 3, 1],
      [5, 6, 4],
    ],
  ],
  [
    'roll of axes',
    matrix,
    (x) => x.roll([1, 1], [0, -1]),
    [
      [6, 4, 5],
      [3, 1, 2],
    ],
  ],
  ['trace', matrix, (x) => x.trace(), 6],
  ['at', matrix, (x) => x.at('0, 1:'), [2, 3]],
  [
    'at with steps',
    matrix,
    (x) => x.at(':, ::2'),
    [
      [1, 3],
      [4, 6],
    ],
  ],
  ['at from the back', matrix, (x) => x.at('..., -1'), [3, 6]],
  [
    'at, turned around',
    matrix,
    (x) => x.at('::-1'),
    [
      [4, 5, 6],
      [1, 2, 3],
    ],
  ],
  ['at of one element', matrix, (x) => x.at('-1,-1'), 6],
  ['at of everything', matrix, (x) => x.at('...'), matrix],
  [
    'the second part of a split',
    matrix,
    (x) => x.split([1, 2], 1)[1],
    [
      [2, 3],
      [5, 6],
    ],
  ],
  ['the last part of a split', vector, (x) => x.split(2)[2], [5]],
  ['a row', matrix, (x) => x.unbind()[1], [4, 5, 6]],
  ['a column', matrix, (x) => x.unbind(-1)[2], [3, 6]],
  ['einsum of one', matrix, (x) => einsum('ij->j', x), [5, 7, 9]],
  ['einsum with a public matrix', matrix, (x) => einsum('ij,jk->ki', x, [[1], [0], [1]]), [[4, 10]]],
  ['dot with a public vector', vector, (x) => x.dot([1, 0, 0, 0, 2]), 11],
];

/** The same, of a product of secrets. */
const PRODUCTS: readonly Case[] = [
  ['dot', vector, (x) => x.dot(x), 55],
  ['dot of matrices', matrix, (x) => x.dot(x), 91],
  [
    'ger',
    [1, 2, 3],
    (x) => x.ger(x),
    [
      [1, 2, 3],
      [2, 4, 6],
      [3, 6, 9],
    ],
  ],
  [
    'einsum',
    matrix,
    (x) => einsum('ij,kj->ik', x, x),
    [
      [14, 32],
      [32, 77],
    ],
  ],
  [
    'einsum of a batch',
    matrix,
    (x) => einsum('bi,bj->bij', x, x.narrow(1, 0, 1)),
    [
      [[1], [2], [3]],
      [[16], [20], [24]],
    ],
  ],
  [
    'convTranspose1d',
    [[[1, 2]]],
    (x) => x.convTranspose1d([[[1, 10]]], { stride: 2, outputPadding: 1 }),
    [[[1, 10, 2, 20, 0]]],
  ],
  [
    'convTranspose2d',
    [[[[1, 2]]]],
    (x) => x.convTranspose2d(x.reshape([1, 1, 2, 1]), { stride: 1, pads: [0, 0, 1, 0] }),
    [[[[1, 2]]]],
  ],
  ['avgPool1d', [[[2, 4, 6, 8]]], (x) => x.avgPool1d({ kernel: 2 }), [[[3, 7]]]],
  [
    'maxPool1d',
    [[[1, 3, 2, 0]]],
    (x) => x.maxPool1d({ kernel: 2, stride: 1, pads: [1, 0] }),
    [[[1, 3, 3, 2]]],
  ],
  ['adaptiveAvgPool2d', [[matrix]], (x) => x.adaptiveAvgPool2d([1, 2]), [[[[3, 4]]]]],
  [
    'adaptiveMaxPool2d',
    [[matrix]],
    (x) => x.adaptiveMaxPool2d([2, 2]),
    [
      [
        [
          [2, 3],
          [5, 6],
        ],
      ],
    ],
  ],
];

type Refusal = readonly [name: string, call: (x: CrypTensor) => unknown, error: RegExp];
/** Of a matrix of 2 x 3. */
const REFUSALS: readonly Refusal[] = [
  ['flip of an axis that is not there', (x) => x.flip(2), /axis 2 is out of range/],
  ['flip of text', (x) => x.flip('0' as never), /axes are a number or a list/],
  ['narrow beyond the end', (x) => x.narrow(1, 2, 2), /narrow: 2 from 2 on of the size 3/],
  ['narrow before the start', (x) => x.narrow(0, -3, 1), /narrow/],
  ['repeat by a fraction', (x) => x.repeat([1, 0.5]), /repeat|counts/],
  ['repeat by text', (x) => x.repeat('2' as never), /repeat: the counts are/],
  ['triu of half a diagonal', (x) => x.triu(0.5), /triu: k is 0.5/],
  ['cumsum over axis 2', (x) => x.cumsum(2), /axis 2 is out of range/],
  ['cumsum with an option of another name', (x) => x.cumsum(0, { inclusive: true } as never), /no option/],
  [
    'pad in an unknown mode',
    (x) => x.pad([0, 0, 0, 0], 0, { mode: 'mirror' as never }),
    /'mirror' is not one/,
  ],
  ['pad by reflection of three axes', (x) => x.pad([1, 1], 0, { mode: 'reflect' }), /2 amounts .* 2 axes/],
  ['take beyond the end', (x) => x.take(6), /index 6 is out of range for size 6/],
  ['take of text', (x) => x.take('x' as never), /take: the indices/],
  ['take by ragged lists', (x) => x.take([[0], [1, 2]]), /lists of different lengths/],
  ['take by half an index', (x) => x.take([0.5], 0), /whole numbers/],
  ['indexSelect by a matrix', (x) => x.indexSelect(0, [[0]] as never), /a list of numbers/],
  ['indexSelect beyond the end', (x) => x.indexSelect(0, [2]), /out of range/],
  ['gather with indices of one axis', (x) => x.gather(0, [0, 1]), /1 axes, and the tensor 2/],
  ['gather of more rows than there are', (x) => x.gather(1, [[0], [0], [0]]), /longer than/],
  ['scatter with too many values', (x) => x.scatter(0, [[0]], [[1, 2]]), /do not fit indices/],
  ['scatter with a missing axis', (x) => x.scatter(3, [[0]], 1), /axis 3 is out of range/],
  ['indexAdd of other parts', (x) => x.indexAdd(0, [0, 1], [[1, 1, 1]]), /for 2 positions instead of/],
  ['roll by half', (x) => x.roll(0.5, 0), /whole number/],
  ['roll with too many shifts', (x) => x.roll([1, 2, 3], [0, 1]), /3 shifts for 2 axes/],
  ['trace of three axes', (x) => x.unsqueeze(0).trace(), /takes a matrix/],
  ['at of a third axis', (x) => x.at('0, 0, 0'), /names 3 axes/],
  ['at beyond the end', (x) => x.at('2'), /out of range for the size 2 of axis 0/],
  ['at of words', (x) => x.at('last'), /'last' in 'last' is not/],
  ['at with a step of 0', (x) => x.at('::0'), /step of 0/],
  ['at of everything twice', (x) => x.at('..., ...'), /'...' twice/],
  ['split into other sizes', (x) => x.split([1, 1], 1), /sizes \[1,1\] of the size 3 of axis 1/],
  ['split into parts of size 0', (x) => x.split(0), /parts of size 0/],
  ['unbind of a third axis', (x) => x.unbind(2), /axis 2 is out of range/],
  ['einsum for two operands', (x) => einsum('ij,jk', x), /for 2 operands, not 1/],
  ['einsum of other axes', (x) => einsum('ijk->i', x), /3 letters for the axes of \[2, 3\]/],
  ['einsum with a letter of its own', (x) => einsum('ij->k', x), /'k' in its result only/],
  ['einsum of sizes that differ', (x) => einsum('ij,jk->ik', x, x), /'j' the sizes 3 and 2/],
  ['einsum of signs', (x) => einsum('i+j', x), /not letters/],
  ['dot of other shapes', (x) => x.dot([1]), /dot of \[2, 3\] and \[1\]/],
  ['ger of matrices', (x) => x.ger([1]), /takes vectors/],
  ['convTranspose2d of a matrix', (x) => x.convTranspose2d([[[[1]]]]), /do not convolve/],
  [
    'convTranspose2d with an option of another name',
    (x) => x.reshape([1, 1, 2, 3]).convTranspose2d([[[[1]]]], { padding: 1 } as never),
    /no option 'padding'/,
  ],
  [
    'convTranspose2d of other channels',
    (x) => x.reshape([1, 1, 2, 3]).convTranspose2d([[[[1]]], [[[1]]]]),
    /not for the channels/,
  ],
  [
    'convTranspose2d that crops everything',
    (x) => x.reshape([1, 1, 2, 3]).convTranspose2d([[[[1]]]], { pads: 1 }),
    /crop all/,
  ],
  ['maxPool1d of a matrix', (x) => x.maxPool1d({ kernel: 1 }), /does not slide over/],
  ['avgPool1d without a kernel', (x) => x.avgPool1d({} as never), /kernel is missing/],
  ['adaptiveAvgPool2d of a matrix', (x) => x.adaptiveAvgPool2d(1), /2 sizes for the spatial axes/],
  ['adaptiveMaxPool2d to three sizes', (x) => x.adaptiveMaxPool2d([1, 1, 1] as never), /a pair of numbers/],
];

describe('methods that move elements or are linear', () => {
  for (const [name, x, call, expected] of CASES)
    it(name, async () => {
      const made = await evaluate(2, [x], call);
      expect(made.shape).deep.equal(shapeOf(expected));
      flat(expected).forEach((v, i) => {
        expect(made.data[i]).closeTo(v, 1e-4);
      });
      expect(made.rounds).equal(0);
    });

  for (const [name, x, call, expected] of PRODUCTS)
    it(name, async () => {
      const made = await evaluate(3, [x], call);
      expect(made.shape).deep.equal(shapeOf(expected));
      flat(expected).forEach((v, i) => {
        expect(made.data[i]).closeTo(v, 1e-3);
      });
    });

  for (const [name, call, error] of REFUSALS)
    it(`refuse: ${name}`, () =>
      runParties(2, async (party) => {
        const x = party.cryptensor(matrix, { src: 0 });
        expect(() => call(x)).throws(error);
      }));
});
