import { expect } from 'chai';
import {
  buildGraph,
  checkModel,
  evaluatePlain,
  InputShapeError,
  ModelShapeError,
  operatorTable,
  parseOnnx,
  specialize,
  UnsupportedModelError,
} from '../src/index.js';
import { encodeModel, type ModelSpec, type NodeSpec, type TensorSpec } from './helpers/onnx-encoder.js';

const weight = (...shape: number[]): TensorSpec => ({
  shape,
  data: new Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});
const number = (value: number): TensorSpec => ({ shape: [], data: [value] });
const node = (op: string, inputs: string[], attributes?: NodeSpec['attributes'], name = op): NodeSpec => ({
  op,
  name,
  inputs,
  outputs: ['y'],
  ...(attributes && { attributes }),
});
const one = (spec: NodeSpec, initializers: Record<string, TensorSpec> = {}, opset = 13): ModelSpec => ({
  opset,
  inputs: [{ name: 'x', shape: ['n', 4, 8, 8] }],
  outputs: [{ name: 'y' }],
  nodes: [spec],
  initializers,
});
const reasons = (spec: ModelSpec) =>
  checkModel(parseOnnx(encodeModel(spec))).issues.map(({ reason }) => reason);

describe('onnx: what is not supported', () => {
  it('is listed all at once, with names of nodes', () => {
    const spec: ModelSpec = {
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 4, 8, 8] }],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'MaxUnpool', name: 'attention', inputs: ['x'], outputs: ['a'], attributes: { axis: { i: 1 } } },
        {
          op: 'MaxPool',
          name: 'pool',
          inputs: ['a'],
          outputs: ['b', 'indices'],
          attributes: { kernel_shape: { ints: [2, 2] } },
        },
        { op: 'FusedThing', name: 'fused', domain: 'com.example', inputs: ['b', 'indices'], outputs: ['c'] },
        {
          op: 'Pad',
          name: 'mirror',
          inputs: ['c', 'pads'],
          outputs: ['d'],
          attributes: { mode: { s: 'symmetric' } },
        },
        { op: 'Relu', name: 'relu', inputs: ['d'], outputs: ['e'], attributes: { surprise: { i: 1 } } },
        { op: 'Det', inputs: ['e'], outputs: ['y'] },
      ],
      initializers: { pads: { type: 7, shape: [8], data: [0, 0, 1, 1, 0, 0, 1, 1] } },
    };
    const model = parseOnnx(encodeModel(spec));
    const report = checkModel(model);
    expect(report.supported).to.equal(false);
    expect(report.issues.map(({ node: name, op }) => [name, op])).to.deep.equal([
      ['attention', 'MaxUnpool'],
      ['pool', 'MaxPool'],
      ['fused', 'com.example.FusedThing'],
      ['mirror', 'Pad'],
      ['relu', 'Relu'],
      ['Det_5', 'Det'],
    ]);
    expect(() => buildGraph(model))
      .to.throw(
        UnsupportedModelError,
        /6 things[\s\S]*"attention" \(MaxUnpool\)[\s\S]*"mirror"[\s\S]*"surprise"[\s\S]*Det/,
      )
      .with.property('code', 'UNSUPPORTED_MODEL');
  });

  const cases: [string, ModelSpec, RegExp][] = [
    ['an old operator set', one(node('Relu', ['x']), {}, 6), /operator set 6; 7 to/],
    ['a new operator set', one(node('Relu', ['x']), {}, 99), /operator set 99; 7 to/],
    [
      'an operator of later sets',
      one(node('ConstantOfShape', ['s']), { s: { type: 7, shape: [1], data: [2] } }, 8),
      /not in operator set 8/,
    ],
    ['a division by zero', one(node('Div', ['x', 'z']), { z: { shape: [1], data: [0] } }), /divisor is zero/],
    [
      'a division of integers',
      {
        ...one(node('Div', ['x', 'x'])),
        inputs: [{ name: 'x', type: 7, shape: [2] }],
      },
      /integer division by what is not constant/,
    ],
    [
      'a division of integers by zero',
      {
        ...one(node('Div', ['x', 'w']), { w: { type: 7, shape: [1], data: [0] } }),
        inputs: [{ name: 'x', type: 7, shape: [2] }],
      },
      /divisor is zero/,
    ],
    ['a target shape from data', one(node('Reshape', ['x', 'x'])), /target shape depends on secret data/],
    ['a secret index', one(node('GatherElements', ['x', 'x'])), /indices depend on secret data/],
    ['limits of many numbers', one(node('Clip', ['x', 'x'])), /min must be a single number/],
    ['secret weights of Conv', one(node('Conv', ['x', 'x'])), /of the weights must be known/],
    [
      'training',
      one(node('Dropout', ['x', 'v', 't']), { v: number(0.5), t: { type: 9, shape: [], data: [1] } }, 13),
      /training mode/,
    ],
    [
      'an infinite output',
      one(node('Where', ['m', 'x', 'v']), {
        v: number(-Infinity),
        m: { type: 9, shape: [8], data: [1, 0, 1, 0, 1, 0, 1, 0] },
      }),
      /output "y" holds infinite numbers/,
    ],
    [
      'an infinite output that is moved',
      {
        ...one(node('Add', ['x', 'v'])),
        nodes: [
          { op: 'Add', inputs: ['x', 'v'], outputs: ['h'] },
          { op: 'Neg', inputs: ['h'], outputs: ['n'] },
          { op: 'Transpose', inputs: ['n'], outputs: ['y'] },
        ],
        initializers: { v: number(-Infinity) },
      },
      /output "y" holds infinite numbers/,
    ],
    [
      'four spatial axes',
      {
        ...one(node('MaxPool', ['x'], { kernel_shape: { ints: [1, 1, 1, 1] } })),
        inputs: [{ name: 'x', shape: [1, 2, 3, 3, 3, 3] }],
      },
      /4 spatial axes/,
    ],
    [
      'three spatial axes of sizes that are not known',
      {
        ...one(node('MaxPool', ['x'], { kernel_shape: { ints: [1, 1, 1] } })),
        inputs: [{ name: 'x', shape: [1, 2, 'd', 3, 3] }],
      },
      /must be known for three spatial axes/,
    ],
    [
      'an attribute of the wrong type',
      one(node('Flatten', ['x'], { axis: { f: 1 } })),
      /"axis" should be int, but is float/,
    ],
    [
      'padding as large as the window',
      one(node('MaxPool', ['x'], { kernel_shape: { ints: [2, 2] }, pads: { ints: [2, 2, 2, 2] } })),
      /as large as the window/,
    ],
    [
      'an input without shape',
      { ...one(node('Relu', ['x'])), inputs: [{ name: 'x' }] },
      /no shape in the file/,
    ],
    [
      'an input of text',
      { ...one(node('Relu', ['x'])), inputs: [{ name: 'x', type: 8, shape: [1] }] },
      /not a tensor of numbers/,
    ],
    ['a shape as output', one(node('Shape', ['x'])), /is a shape, not data/],
    [
      'counts for other axes',
      one(node('Tile', ['x', 'n']), { n: { type: 7, shape: [7], data: [1, 1, 1, 1, 1, 1, 2] } }),
      /7 counts for \d axes/,
    ],
  ];
  for (const [what, spec, message] of cases)
    it(what, () => {
      expect(reasons(spec).join('\n')).to.match(message);
    });

  it('sizes that meet secret data', () => {
    const spec = one(node('Mul', ['x', 'f']));
    spec.nodes.unshift(
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
      { op: 'Cast', inputs: ['n'], outputs: ['f'], attributes: { to: { i: 1 } } },
    );
    spec.initializers = { zero: { type: 7, shape: [], data: [0] } };
    expect(reasons(spec).join()).to.match(
      /"f" is computed from shapes and cannot be combined with secret data/,
    );
  });

  it('the table of operators has every name once, in order', () => {
    const names = operatorTable().map(({ name }) => name);
    expect(names).to.include.members(['Conv', 'Gemm', 'BatchNormalization']);
    expect(names).to.deep.equal([...new Set(names)].sort());
  });
});

describe('onnx: shapes that do not fit', () => {
  const dense = (): ModelSpec => ({
    opset: 13,
    inputs: [
      { name: 'x', shape: ['batch', 4] },
      { name: 'z', shape: ['batch', 2] },
    ],
    outputs: [{ name: 'y' }],
    nodes: [
      { op: 'Gemm', name: 'fc', inputs: ['x', 'w'], outputs: ['v'] },
      { op: 'Add', name: 'sum', inputs: ['v', 'z'], outputs: ['y'] },
    ],
    initializers: { w: weight(4, 2) },
  });
  const graph = () => buildGraph(parseOnnx(encodeModel(dense())));

  it('an input of another size', () => {
    expect(() => specialize(graph(), { x: [3, 5], z: [3, 2] }))
      .to.throw(InputShapeError, 'Input "x": expected [batch, 4], given [3, 5].')
      .with.property('code', 'INPUT_SHAPE');
  });

  it('an input of another rank, missing, unknown; empty ones are inputs', () => {
    expect(() => specialize(graph(), { x: [4], z: [3, 2] })).to.throw(InputShapeError, 'given [4]');
    expect(specialize(graph(), { x: [0, 4], z: [0, 2] }).outputs[0].shape[0]).equal(0);
    expect(() => specialize(graph(), { x: [3, 4] })).to.throw(
      InputShapeError,
      '"z": expected [batch, 2], given nothing',
    );
    expect(() => specialize(graph(), { x: [3, 4], z: [3, 2], q: [1] })).to.throw(InputShapeError, '"q"');
  });

  it('one symbol with two sizes', () => {
    expect(() => specialize(graph(), { x: [3, 4], z: [2, 2] })).to.throw(
      InputShapeError,
      'batch is 3 elsewhere',
    );
  });

  it('data of another shape', () => {
    const concrete = specialize(graph(), { x: [3, 4], z: [3, 2] });
    const x = { shape: [3, 4], data: new Float64Array(12) };
    expect(() => evaluatePlain(concrete, { x })).to.throw(InputShapeError, '"z"');
    expect(() => evaluatePlain(concrete, { x, z: { shape: [2, 3], data: new Float64Array(6) } })).to.throw(
      InputShapeError,
      'given [2, 3]',
    );
  });

  it('shapes within the model', () => {
    const spec = dense();
    spec.initializers = { w: weight(5, 2) };
    expect(() => buildGraph(parseOnnx(encodeModel(spec))))
      .to.throw(
        ModelShapeError,
        'Node "fc" (Gemm): Linear of [batch, 4] and [5, 2]: weights [5, 2] do not fit',
      )
      .with.property('code', 'MODEL_SHAPE');
  });

  it('shapes that only a given input brings out', () => {
    const spec: ModelSpec = {
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 1, 'h', 'w'] }],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Flatten', name: 'flat', inputs: ['x'], outputs: ['v'] },
        { op: 'Gemm', name: 'fc', inputs: ['v', 'w'], outputs: ['y'] },
      ],
      initializers: { w: weight(16, 2) },
    };
    const open = buildGraph(parseOnnx(encodeModel(spec)));
    expect(specialize(open, { x: [2, 1, 4, 4] }).outputs[0]?.shape).to.deep.equal([2, 2]);
    expect(() => specialize(open, { x: [2, 1, 5, 5] })).to.throw(
      ModelShapeError,
      'Node "fc": Linear of [2, 25] and [16, 2]: weights [16, 2] do not fit the last axis of [2, 25], with input x [2, 1, 5, 5]',
    );
  });

  it('other shapes than the declared ones may be asked for', () => {
    const model = parseOnnx(encodeModel(dense()));
    const free = buildGraph(model, { inputShapes: { x: [7, 4], z: [7, 2] } });
    expect(specialize(free).outputs[0]?.shape).to.deep.equal([7, 2]);
    expect(() => buildGraph(model, { inputShapes: { x: [7] } })).to.throw(InputShapeError);
    expect(() => buildGraph(model, { inputShapes: { q: [7] } })).to.throw(InputShapeError);
  });
});
