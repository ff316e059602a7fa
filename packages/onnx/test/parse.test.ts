import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import fc from 'fast-check';
import { buildGraph, checkModel, numbersOf, OnnxFormatError, parseOnnx, TacitError } from '../src/index.js';
import { encodeModel, type ModelSpec, type TensorSpec } from './helpers/onnx-encoder.js';

const withTensor = (tensor: TensorSpec): Uint8Array =>
  encodeModel({
    opset: 13,
    inputs: [{ name: 'x', shape: [2] }],
    outputs: [{ name: 'y' }],
    nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
    initializers: { w: tensor },
  });
const dataOf = (tensor: TensorSpec) =>
  Array.from(parseOnnx(withTensor(tensor)).graph.initializers.get('w')?.data ?? []);

describe('onnx: reading a file', () => {
  it('reads the structure', () => {
    const model = parseOnnx(fixtureBytes('mnist_cnn_bn/model.onnx'));
    expect(model.opsets.get('')).to.equal(11);
    expect(model.producerName).to.equal('pytorch');
    expect(model.graph.nodes[0]?.opType).to.equal('Conv');
    expect(model.graph.nodes[0]?.attributes.get('kernel_shape')).to.deep.equal({
      name: 'kernel_shape',
      type: 'ints',
      value: [5, 5],
    });
    expect(model.graph.inputs[0]?.shape?.slice(1)).to.deep.equal([1, 28, 28]);
  });

  it('keeps nothing of the bytes that it reads', () => {
    const bytes = Buffer.from(withTensor({ type: 1, shape: [2], data: [1.5, -2] }));
    const tensor = parseOnnx(bytes).graph.initializers.get('w');
    bytes.fill(0);
    expect([...(tensor?.data ?? [])]).to.deep.equal([1.5, -2]);
  });

  it('keeps weights in single precision until they are computed with', () => {
    const graph = buildGraph(
      parseOnnx(
        encodeModel({
          opset: 13,
          inputs: [{ name: 'x', shape: [1, 6] }],
          outputs: [{ name: 'y' }],
          nodes: [
            { op: 'Reshape', inputs: ['v', 'shape'], outputs: ['w'] },
            { op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: { i: 1 } } },
          ],
          initializers: {
            v: { shape: [4, 3, 2], data: Array.from({ length: 24 }, (_, i) => i / 8) },
            shape: { type: 7, shape: [2], data: [4, 6] },
          },
        }),
      ),
    );
    const [weight] = graph.parameters.values();
    expect(weight.shape).to.deep.equal([6, 4]);
    expect(numbersOf(weight)).to.be.instanceOf(Float32Array);
    expect(weight.data).to.be.instanceOf(Float64Array);
    expect([...weight.data]).to.deep.equal(
      Array.from({ length: 24 }, (_, i) => ((i % 4) * 6 + Math.floor(i / 4)) / 8),
    );
  });

  it('reads every numeric element type, raw and typed', () => {
    const raw = (bytes: number[]) => Uint8Array.from(bytes);
    const tests: [TensorSpec, number[]][] = [
      [{ type: 1, shape: [2], data: [1.5, -2] }, [1.5, -2]],
      [{ type: 1, shape: [2], data: [1.5, -2], typed: true }, [1.5, -2]],
      [{ type: 11, shape: [1], data: [Math.PI] }, [Math.PI]],
      [{ type: 11, shape: [1], data: [Math.PI], typed: true }, [Math.PI]],
      [
        { type: 10, shape: [5], data: [0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00] },
        [1, -2, 2 ** -24, 65504, -Infinity],
      ],
      [{ type: 10, shape: [2], data: [0x3c00, 0x3555], typed: true }, [1, 0.333251953125]],
      [{ type: 16, shape: [3], data: [0x3f80, 0xc000, 0x7f80] }, [1, -2, Infinity]],
      [{ type: 16, shape: [1], data: [0x3f80], typed: true }, [1]],
      [{ type: 2, shape: [2], data: [], raw: raw([0, 255]) }, [0, 255]],
      [{ type: 3, shape: [2], data: [], raw: raw([1, 255]) }, [1, -1]],
      [{ type: 3, shape: [2], data: [1, -1], typed: true }, [1, -1]],
      [{ type: 4, shape: [1], data: [], raw: raw([1, 2]) }, [513]],
      [{ type: 5, shape: [1], data: [], raw: raw([0, 128]) }, [-32768]],
      [{ type: 6, shape: [2], data: [-5, 2 ** 31 - 1] }, [-5, 2 ** 31 - 1]],
      [{ type: 6, shape: [1], data: [-5], typed: true }, [-5]],
      [{ type: 7, shape: [3], data: [-5, 2n ** 53n - 1n, -(2n ** 63n)] }, [-5, 2 ** 53 - 1, -Infinity]],
      [{ type: 7, shape: [2], data: [-5, 2n ** 63n - 1n], typed: true }, [-5, Infinity]],
      [{ type: 9, shape: [2], data: [0, 1] }, [0, 1]],
      [{ type: 12, shape: [1], data: [], raw: raw([255, 255, 255, 255]) }, [2 ** 32 - 1]],
      [{ type: 13, shape: [1], data: [7], typed: true }, [7]],
      [{ type: 13, shape: [1], data: [], raw: raw([1, 0, 0, 0, 1, 0, 0, 0]) }, [2 ** 32 + 1]],
      [{ type: 17, shape: [4], data: [], raw: raw([0x38, 0xb9, 0x01, 0x7e]) }, [1, -1.125, 2 ** -9, 448]],
      [{ type: 17, shape: [1], data: [], raw: raw([0xff]) }, [Number.NaN]],
      [{ type: 18, shape: [3], data: [], raw: raw([0x40, 0x80, 0x7f]) }, [1, Number.NaN, 240]],
      [
        { type: 19, shape: [4], data: [], raw: raw([0x3c, 0x7b, 0xfc, 0x7d]) },
        [1, 57344, -Infinity, Number.NaN],
      ],
      [{ type: 20, shape: [2], data: [], raw: raw([0x40, 0x80]) }, [1, Number.NaN]],
      [{ type: 21, shape: [3], data: [], raw: raw([0xf1, 0x07]) }, [1, 15, 7]],
      [{ type: 22, shape: [3], data: [], raw: raw([0xf1, 0x08]) }, [1, -1, -8]],
      [{ type: 22, shape: [3], data: [0xf1, 0x08], typed: true }, [1, -1, -8]],
      [{ type: 23, shape: [4], data: [], raw: raw([0x21, 0xf7]) }, [0.5, 1, 6, -6]],
      [{ type: 24, shape: [3], data: [], raw: raw([127, 130, 255]) }, [1, 8, Number.NaN]],
      [{ type: 25, shape: [5], data: [], raw: raw([0b11_10_01_00, 3]) }, [0, 1, 2, 3, 3]],
      [{ type: 26, shape: [5], data: [], raw: raw([0b11_10_01_00, 2]) }, [0, 1, -2, -1, -2]],
      [{ type: 1, shape: [], data: [3] }, [3]],
      [{ type: 1, shape: [0, 4], data: [] }, []],
    ];
    for (const [tensor, expected] of tests) expect(dataOf(tensor)).to.deep.equal(expected);
  });

  const refused: [string, () => Uint8Array, RegExp][] = [
    ['nothing', () => new Uint8Array(0), /no graph/],
    ['text', () => new TextEncoder().encode('this is not a model'), /ONNX model/],
    ['another format', () => fixtureBytes('linear_4_2/input.npy'), /ONNX model/],
    ['external data', () => withTensor({ shape: [2], data: [], external: true }), /"w".*another file/],
    ['too little data', () => withTensor({ shape: [3], data: [1, 2] }), /"w".*3 elements, but holds 2/],
    ['a huge shape', () => withTensor({ shape: [2 ** 40, 2 ** 40], data: [1] }), /elements, but holds/],
    ['a negative size', () => withTensor({ shape: [-1], data: [1] }), /dimension of -1/],
    ['half an element', () => withTensor({ shape: [1], data: [], raw: new Uint8Array(3) }), /multiple of 4/],
    [
      'an unknown element type',
      () => withTensor({ type: 99, shape: [1], data: [], raw: new Uint8Array(1) }),
      /type 99/,
    ],
    [
      'text elements',
      () => withTensor({ type: 8, shape: [1], data: [], raw: new Uint8Array(1) }),
      /type string/,
    ],
  ];
  for (const [what, bytes, message] of refused)
    it(`refuses ${what}`, () => {
      expect(() => parseOnnx(bytes()))
        .to.throw(OnnxFormatError, message)
        .with.property('code', 'MODEL_FORMAT');
    });

  const graphs: [string, Partial<ModelSpec>, RegExp][] = [
    ['a cycle', { nodes: [{ op: 'Add', inputs: ['x', 'y'], outputs: ['y'] }] }, /cycle/],
    [
      'a value without a producer',
      { nodes: [{ op: 'Add', inputs: ['x', 'q'], outputs: ['y'] }] },
      /"q", which no node or input provides/,
    ],
    [
      'a value made twice',
      {
        nodes: [
          { op: 'Relu', inputs: ['x'], outputs: ['y'] },
          { op: 'Neg', inputs: ['x'], outputs: ['y'] },
        ],
      },
      /made twice/,
    ],
    ['an output without a producer', { nodes: [] }, /no node or input provides output "y"/],
    ['no output', { outputs: [] }, /no output/],
  ];
  for (const [what, change, message] of graphs)
    it(`refuses a graph with ${what}`, () => {
      const spec: ModelSpec = {
        opset: 13,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y' }],
        nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
        ...change,
      };
      expect(() => buildGraph(parseOnnx(encodeModel(spec)))).to.throw(OnnxFormatError, message);
    });

  it('sorts nodes that are out of order', () => {
    const spec: ModelSpec = {
      opset: 13,
      inputs: [{ name: 'x', shape: [2] }],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Relu', inputs: ['v'], outputs: ['y'] },
        { op: 'Tanh', inputs: ['x'], outputs: ['v'] },
      ],
    };
    expect(buildGraph(parseOnnx(encodeModel(spec))).nodes.map((node) => node.op)).to.deep.equal([
      'Tanh',
      'Relu',
    ]);
  });
});

describe('onnx: damaged files', () => {
  /** Anything but one of this package's errors is a bug. */
  const survives = (bytes: Uint8Array, onlyFormat = false) => {
    try {
      const model = parseOnnx(bytes);
      onlyFormat = false;
      checkModel(model);
      buildGraph(model);
    } catch (error) {
      if (!(error instanceof TacitError) || (onlyFormat && !(error instanceof OnnxFormatError))) throw error;
    }
  };

  it('cut off at every byte', () => {
    const bytes = fixtureBytes('mlp_50_20_2/model.onnx');
    for (let length = 0; length < bytes.length; length++) survives(bytes.subarray(0, length), true);
  });

  it('with flipped bytes', () => {
    const originals = ['mlp_50_20_2', 'linear_4_2', 'mnist_lenet1_tanh'].map((name) =>
      fixtureBytes(`${name}/model.onnx`),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 }),
        (original, flips) => {
          const bytes = original.slice();
          for (const [position, mask] of flips) {
            const index = position % bytes.length;
            bytes[index] = (bytes[index] ?? 0) ^ mask;
          }
          survives(bytes, true);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('with flipped bytes in the structure', () => {
    // Few weights, so that most flips hit names, attributes and shapes; with shape arithmetic.
    const ints = (...data: number[]): TensorSpec => ({ type: 7, shape: [data.length], data });
    const original = encodeModel({
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 2, 8, 8] }],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Pad', inputs: ['x', 'p'], outputs: ['a'] },
        {
          op: 'Conv',
          inputs: ['a', 'w'],
          outputs: ['b'],
          attributes: { strides: { ints: [1, 2] }, group: { i: 2 } },
        },
        { op: 'AveragePool', inputs: ['b'], outputs: ['c'], attributes: { kernel_shape: { ints: [2, 2] } } },
        { op: 'Shape', inputs: ['c'], outputs: ['d'] },
        { op: 'Slice', inputs: ['d', 'zero', 'one'], outputs: ['e'] },
        { op: 'Concat', inputs: ['e', 'minus'], outputs: ['f'], attributes: { axis: { i: 0 } } },
        { op: 'ConstantOfShape', inputs: ['one'], outputs: ['g'] },
        { op: 'Expand', inputs: ['g', 'one'], outputs: ['h'] },
        { op: 'Reshape', inputs: ['c', 'f'], outputs: ['i'] },
        { op: 'Add', inputs: ['i', 'h'], outputs: ['y'] },
      ],
      initializers: {
        p: ints(0, 0, 1, 1, 0, 0, 1, 1),
        w: { shape: [2, 1, 3, 3], data: new Array(18).fill(1) },
        zero: ints(0),
        one: ints(1),
        minus: ints(-1),
      },
    });
    buildGraph(parseOnnx(original));
    for (let index = 0; index < original.length; index++)
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const bytes = original.slice();
        bytes[index] = (bytes[index] ?? 0) ^ mask;
        survives(bytes, true);
      }
  });

  it('of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(bytes, true)),
      { numRuns: 1000 },
    );
  });
});
