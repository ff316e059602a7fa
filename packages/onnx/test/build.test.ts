import { expect } from 'chai';
import { buildGraph, type ModelGraph, parseOnnx, specialize } from '../src/index.js';
import { compareWithRuntime } from './helpers/compare.js';
import { encodeModel, type ModelSpec, type NodeSpec, type TensorSpec } from './helpers/onnx-encoder.js';
import { ints, weight } from './helpers/operator-cases.js';

const int = (value: number): TensorSpec => ({ type: 7, shape: [], data: [value] });

describe('onnx: outputs', () => {
  it('may be inputs, constants, and the same value twice', async () => {
    const spec: ModelSpec = {
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 2] }],
      outputs: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }, { name: 'w' }],
      nodes: [
        { op: 'Identity', inputs: ['x'], outputs: ['a'] },
        { op: 'Relu', inputs: ['x'], outputs: ['b'] },
        { op: 'Identity', inputs: ['b'], outputs: ['c'] },
        { op: 'Neg', inputs: ['w'], outputs: ['d'] },
      ],
      initializers: { w: weight([2]) },
    };
    const graph = await compareWithRuntime(spec, { x: [3, 2] });
    expect(graph.outputs.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c', 'd', 'w']);
  });
});

describe('onnx: shape arithmetic', () => {
  const n = (
    op: string,
    inputs: string[],
    outputs: string[],
    attributes: NodeSpec['attributes'] = {},
  ): NodeSpec => ({ op, inputs, outputs, attributes });
  const model = (nodes: NodeSpec[], initializers: Record<string, TensorSpec>, opset = 13): ModelSpec => ({
    opset,
    inputs: [{ name: 'x', shape: ['n', 4, 'h', 6] }],
    outputs: [{ name: 'y' }],
    nodes,
    initializers,
  });
  const shapes = [{ x: [1, 4, 2, 6] }, { x: [3, 4, 5, 6] }];

  const MODELS: Record<string, ModelSpec> = {
    'flattening by size': model(
      [
        n('Shape', ['x'], ['s']),
        n('Gather', ['s', 'zero'], ['n']),
        n('Unsqueeze', ['n', 'axis'], ['n1']),
        n('Concat', ['n1', 'rest'], ['target'], { axis: { i: 0 } }),
        n('Reshape', ['x', 'target'], ['y']),
      ],
      { zero: int(0), axis: ints(0), rest: ints(-1) },
    ),
    'products and quotients of sizes': model(
      [
        n('Shape', ['x'], ['s']),
        n('Slice', ['s', 'one', 'three'], ['middle']),
        n('ReduceProd', ['middle'], ['product'], { keepdims: { i: 1 } }),
        n('Div', ['product', 'two'], ['half']),
        n('Concat', ['minus', 'half', 'two'], ['target'], { axis: { i: 0 } }),
        n('Reshape', ['x', 'target'], ['y']),
      ],
      { one: ints(1), three: ints(3), two: ints(2), minus: ints(-1) },
    ),
    'floating point sizes': model(
      [
        n('Shape', ['x'], ['s']),
        n('Gather', ['s', 'two'], ['h']),
        n('Cast', ['h'], ['float'], { to: { i: 1 } }),
        n('Mul', ['float', 'half'], ['scaled']),
        n('Floor', ['scaled'], ['floored']),
        n('Cast', ['floored'], ['integer'], { to: { i: 7 } }),
        n('Unsqueeze', ['integer', 'axis'], ['end']),
        n('Slice', ['x', 'axis', 'end', 'twoList'], ['y']),
      ],
      { two: int(2), half: { shape: [], data: [0.5] }, axis: ints(0), twoList: ints(2) },
    ),
    'padding as PyTorch exports it': model(
      [
        n('Constant', [], ['given'], { value: { t: ints(1, 2) } }),
        n('Shape', ['x'], ['s']),
        n('Shape', ['s'], ['rank']),
        n('Mul', ['rank', 'two'], ['twice']),
        n('Sub', ['twice', 'two'], ['missing']),
        n('ConstantOfShape', ['missing'], ['zeros'], { value: { t: ints(0) } }),
        n('Concat', ['given', 'zeros'], ['all'], { axis: { i: 0 } }),
        n('Reshape', ['all', 'pairs'], ['table']),
        n('Slice', ['table', 'last', 'before', 'axis', 'back'], ['reversed']),
        n('Transpose', ['reversed'], ['turned'], { perm: { ints: [1, 0] } }),
        n('Reshape', ['turned', 'last'], ['pads']),
        n('Pad', ['x', 'pads'], ['y']),
      ],
      {
        two: ints(2),
        pairs: ints(-1, 2),
        last: ints(-1),
        before: ints(-(2 ** 40)),
        axis: ints(0),
        back: ints(-1),
      },
    ),
    'choices and expansions': model(
      [
        n('Shape', ['x'], ['s']),
        n('Equal', ['s', 'six'], ['same']),
        n('Where', ['same', 'minus', 's'], ['target']),
        n('Reshape', ['x', 'target'], ['z']),
        n('Gather', ['s', 'zero'], ['n']),
        n('Range', ['zero', 'n', 'one'], ['numbers']),
        n('Shape', ['numbers'], ['count']),
        n('Concat', ['count', 'minus1'], ['flat'], { axis: { i: 0 } }),
        n('Expand', ['flat', 'twoByTwo'], ['expanded']),
        n('Gather', ['expanded', 'zero'], ['first']),
        n('Reshape', ['z', 'first'], ['y']),
      ],
      {
        six: ints(6),
        minus: ints(-1),
        minus1: ints(-1),
        zero: int(0),
        one: int(1),
        twoByTwo: ints(2, 2),
      },
    ),
  };
  for (const [title, spec] of Object.entries(MODELS))
    it(title, async () => {
      for (const shape of shapes) {
        const graph = await compareWithRuntime(spec, shape);
        expect(graph.nodes.length).to.be.lessThan(3);
      }
    });

  it('an automatic padding waits for the size', async () => {
    const spec = model(
      [n('Conv', ['x', 'w'], ['y'], { auto_pad: { s: 'SAME_LOWER' }, strides: { ints: [2, 2] } })],
      {
        w: weight([2, 4, 3, 4]),
      },
    );
    for (const shape of shapes) {
      const graph = await compareWithRuntime(spec, shape);
      const [node] = graph.nodes;
      expect(node?.op === 'Conv' && node.attributes.pads.length).to.equal(4);
    }
  });

  it('nothing symbolic is left in a concrete graph', () => {
    const graph: ModelGraph = buildGraph(parseOnnx(encodeModel(MODELS['flattening by size'] as ModelSpec)));
    expect(graph.inputs).to.deep.equal([{ name: 'x', shape: ['n', 4, 'h', 6] }]);
    const concrete = specialize(graph, { x: [2, 4, 3, 6] });
    expect(concrete.nodes).to.have.length(1);
    expect(concrete.nodes[0]?.attributes).to.deep.equal({ shape: [2, 72], allowZero: true });
    expect(concrete.outputs).to.deep.equal([{ name: 'y', shape: [2, 72] }]);
    expect(concrete.shapes.get('y')).to.deep.equal([2, 72]);
  });
});
