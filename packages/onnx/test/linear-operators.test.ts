/** Operators that move elements or are linear, against onnxruntime; with known sizes and with sizes known only later. */
import { compareWithRuntime, numbers, OPSETS, size } from './helpers/compare.js';
import type { AttributeValue, ModelSpec, NodeSpec, TensorSpec } from './helpers/onnx-encoder.js';

interface Case {
  op: string;
  title?: string;
  /** Shapes of secret inputs, called x0, x1, ... */
  x: number[][];
  /** Inputs in order; default: all secret ones, then the constants. */
  inputs?: string[];
  constants?: Record<string, TensorSpec>;
  attributes?: Record<string, AttributeValue>;
  outputs?: number;
  opsets?: [number, number];
  /** Only with known sizes. */
  known?: boolean;
  /** Nodes before the operator: shape arithmetic. */
  before?: NodeSpec[];
}

const weight = (shape: number[], seed = 7): TensorSpec => ({ shape, data: numbers(size(shape), seed) });
const ints = (...data: number[]): TensorSpec => ({ type: 7, shape: [data.length], data });
const table = (shape: number[], ...data: number[]): TensorSpec => ({ type: 7, shape, data });
const int = (value: number): TensorSpec => ({ type: 7, shape: [], data: [value] });
const floats = (...data: number[]): TensorSpec => ({ shape: [data.length], data });
const i = (value: number): AttributeValue => ({ i: value });
const s = (value: string): AttributeValue => ({ s: value });
const list = (...values: number[]): AttributeValue => ({ ints: values });
const node = (op: string, inputs: string[], output: string, attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});
const latest = (from: number): [number, number] => [from, 24];

const CASES: Case[] = [
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
  ...['nearest', 'linear'].flatMap((mode): Case[] => [
    {
      op: 'Upsample',
      title: `${mode} by attribute`,
      x: [[1, 2, 3, 4]],
      attributes: { mode: s(mode), scales: { floats: [1, 1, 2, 3] } },
      opsets: [7, 8],
    },
    {
      op: 'Upsample',
      title: `${mode} by input`,
      x: [[1, 2, 3, 4]],
      constants: { scales: floats(1, 1, 2, 1.5) },
      attributes: { mode: s(mode) },
      opsets: [9, 9],
    },
    ...[2, 0.5].map(
      (scale): Case => ({
        op: 'Resize',
        title: `${mode} of operator set 10 by ${scale}`,
        x: [[1, 1, 4, 6]],
        constants: { scales: floats(1, 1, scale, scale) },
        attributes: { mode: s(mode) },
        opsets: [10, 10],
      }),
    ),
  ]),
  ...['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'].flatMap((coordinates) => [
    ...['nearest', 'linear', 'cubic'].map((mode) => ({
      op: 'Resize',
      title: `${mode} by scales, ${coordinates}`,
      x: [[1, 2, 4, 6]],
      inputs: ['x0', 'roi', 'scales'],
      constants: { roi: floats(), scales: floats(1, 1, 2, 0.5) },
      attributes: { mode: s(mode), coordinate_transformation_mode: s(coordinates) },
      opsets: latest(11),
    })),
    ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((rounding) => ({
      op: 'Resize',
      title: `nearest by sizes, ${coordinates}, ${rounding}`,
      x: [[1, 1, 4, 5]],
      inputs: ['x0', '', '', 'sizes'],
      constants: { sizes: ints(1, 1, 7, 2) },
      attributes: { nearest_mode: s(rounding), coordinate_transformation_mode: s(coordinates) },
      opsets: latest(13),
    })),
  ]),
  {
    op: 'Resize',
    title: 'half_pixel_symmetric',
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats(), scales: floats(1, 1, 0.6, 1.3) },
    attributes: { mode: s('linear'), coordinate_transformation_mode: s('half_pixel_symmetric') },
    opsets: latest(19),
  },
  {
    op: 'Resize',
    title: 'cubic without what is outside',
    x: [[1, 1, 4, 5]],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats(), scales: floats(1, 1, 0.8, 2) },
    attributes: { mode: s('cubic'), exclude_outside: i(1), cubic_coeff_a: { f: -0.5 } },
    opsets: latest(11),
  },
  ...['linear', 'cubic'].map((mode) => ({
    op: 'Resize',
    title: `${mode} with antialias`,
    x: [[1, 1, 8, 9]],
    inputs: ['x0', '', '', 'sizes'],
    constants: { sizes: ints(1, 1, 3, 5) },
    attributes: { mode: s(mode), antialias: i(1) },
    opsets: latest(18),
  })),
  ...['not_larger', 'not_smaller'].map((policy) => ({
    op: 'Resize',
    title: `${policy} along axes`,
    x: [[1, 1, 4, 6]],
    inputs: ['x0', '', '', 'sizes'],
    constants: { sizes: ints(8, 7) },
    attributes: { axes: list(2, 3), keep_aspect_ratio_policy: s(policy) },
    opsets: latest(18),
  })),
  {
    op: 'Resize',
    title: 'by the quotients of the sizes of two',
    x: [
      [1, 1, 3, 4],
      [1, 1, 7, 2],
    ],
    inputs: ['x0', 'roi', 'scales'],
    constants: { roi: floats() },
    before: [
      node('Shape', ['x0'], 'from'),
      node('Shape', ['x1'], 'to'),
      node('Cast', ['from'], 'from_', { to: i(1) }),
      node('Cast', ['to'], 'to_', { to: i(1) }),
      node('Div', ['to_', 'from_'], 'scales'),
    ],
    attributes: { mode: s('linear') },
    opsets: latest(13),
  },
  {
    op: 'Resize',
    title: 'to the sizes of another',
    x: [
      [1, 1, 2, 3],
      [1, 1, 5, 5],
    ],
    inputs: ['x0', '', '', 'sizes'],
    before: [node('Shape', ['x1'], 'sizes')],
    attributes: { mode: s('linear') },
    opsets: latest(13),
  },
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
  {
    op: 'AveragePool',
    title: '3-d with its padding',
    x: [[1, 2, 4, 5, 6]],
    attributes: { kernel_shape: list(2, 3, 3), pads: list(1, 1, 0, 0, 1, 2), count_include_pad: i(1) },
    known: true,
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
  {
    op: 'Gather',
    title: 'of what is not zero',
    x: [[4, 2]],
    inputs: ['x0', 'n1'],
    constants: { mask: floats(0, 1, 0, -3), rows: ints(-1) },
    before: [node('NonZero', ['mask'], 'n'), node('Reshape', ['n', 'rows'], 'n1')],
    opsets: latest(9),
  },
];

function toModel(test: Case, opset: number, open: boolean): ModelSpec {
  const { before = [], attributes, constants } = test;
  const names = test.x.map((_, index) => `x${index}`);
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  return {
    opset,
    inputs: test.x.map((shape, index) => ({
      name: `x${index}`,
      shape: shape.map((d, axis) => (open ? `n${index}.${axis}` : d)),
    })),
    outputs: outputs.map((name) => ({ name })),
    nodes: [
      ...before,
      {
        op: test.op,
        inputs: test.inputs ?? [...names, ...Object.keys(constants ?? {})],
        outputs,
        ...(attributes && { attributes }),
      },
    ],
    ...(constants && { initializers: constants }),
  };
}

describe('onnx: operators that move elements or are linear, against onnxruntime', () => {
  for (const test of CASES)
    it(`${test.op} ${test.title ?? ''}`, async () => {
      const shapes = Object.fromEntries(test.x.map((shape, index) => [`x${index}`, shape]));
      const [from, to] = test.opsets ?? [7, 24];
      for (const opset of OPSETS.filter((version) => version >= from && version <= to))
        for (const open of test.known ? [false] : [false, true])
          try {
            await compareWithRuntime(toModel(test, opset, open), shapes);
          } catch (cause) {
            throw new Error(`opset ${opset}, ${open ? 'open' : 'known'} sizes: ${(cause as Error).message}`, {
              cause,
            });
          }
    });
});
