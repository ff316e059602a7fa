/** Networks of files cut in two: both parts, one after the other, are the network. */
import { fixtureArray, fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import {
  buildGraph,
  evaluatePlain,
  type ModelGraph,
  parseOnnx,
  plainFunction,
  specialize,
  splitModel,
} from '../src/index.js';

const graphOf = (name: string): ModelGraph => buildGraph(parseOnnx(fixtureBytes(`${name}/model.onnx`)));
const array = (name: string, file: string) => fixtureArray(`${name}/${file}.npy`);

const FILES = ['mnist_cnn_bn', 'mnist_cnn_bn_folded', 'mnist_lenet1_tanh', 'mnist_mlp_784_128_128_10'];

describe('splitModel', () => {
  for (const name of FILES)
    it(`cuts ${name} before each of its layers, and both parts make the whole`, () => {
      const graph = graphOf(name);
      const input = array(name, 'input');
      const wanted = array(name, 'output').data;
      const layers = graph.nodes.filter(({ op }) => op === 'Linear' || op === 'Conv').length;
      for (let count = 1; count <= layers; count++) {
        const { features, head } = splitModel(graph, count);
        expect(head.nodes.filter(({ op }) => op === 'Linear' || op === 'Conv')).length(count);
        expect(features.nodes.length + head.nodes.length).least(graph.nodes.length);
        const found = plainFunction(head)(plainFunction(features)(input));
        found.data.forEach((value, i) => void expect(value).closeTo(wanted[i], 1e-4));
      }
    });

  it('names the size of the cut as far as it is known', () => {
    const { features, head } = splitModel(graphOf('mnist_cnn_bn'), 1);
    expect(head.inputs.map(({ shape }) => shape[1])).deep.equal([100]);
    expect([...head.parameters.keys()]).deep.equal(['/fc2/Gemm.weight', 'fc2.bias']);
    expect([...features.parameters.keys()].some((name) => head.parameters.has(name))).equal(false);
    expect(features.outputs).deep.equal([{ name: head.inputs[0].name }]);
  });

  it('cuts behind a node, at a value, at the input and at the output', () => {
    const graph = graphOf('mnist_mlp_784_128_128_10');
    const input = array('mnist_mlp_784_128_128_10', 'input');
    const wanted = plainFunction(graph)(input).data;
    for (const at of ['/1/Relu', '/1/Relu_output_0', 'input', 'output', '/4/Gemm']) {
      const { features, head } = splitModel(graph, at);
      expect(plainFunction(head)(plainFunction(features)(input)).data, at).deep.equal(wanted);
    }
  });

  it('refuses places that are not there, or not enough', () => {
    const graph = graphOf('mnist_mlp_784_128_128_10');
    expect(() => splitModel(graph, 'conv9')).throw('no node "conv9"; its last ones are');
    for (const count of [0, 4, -1, 1.5, Number.NaN])
      expect(() => splitModel(graph, count), `${count}`).throw('give 1 to 3');
    // What is added again later has to be known, too.
    const around: ModelGraph = {
      inputs: [{ name: 'x', shape: ['batch', 2] }],
      outputs: [{ name: 'z' }],
      nodes: [
        { name: 'a', op: 'Relu', inputs: ['x'], outputs: ['y'], attributes: {} },
        { name: 'b', op: 'Add', inputs: ['y', 'x'], outputs: ['s'], attributes: {} },
        { name: 'c', op: 'Relu', inputs: ['s'], outputs: ['z'], attributes: {} },
      ],
      parameters: new Map(),
    };
    expect(() => splitModel(around, 'a')).throw('cannot be cut at "y" alone');
    expect(() => splitModel(around, 'a')).throw('It can be cut at "s", "z"');
    expect(splitModel(around, 'b').head.nodes.map(({ name }) => name)).deep.equal(['c']);
  });
});

describe('plainFunction', () => {
  it('computes any number of examples, also with a network of a fixed number', () => {
    for (const name of ['mnist_cnn_bn', 'mnist_cnn_bn_folded']) {
      const graph = graphOf(name);
      const input = array(name, 'input');
      const size = input.data.length / input.shape[0];
      const f = plainFunction(graph, { batch: 5 });
      const wanted = array(name, 'output').data;
      for (const count of [0, 1, 5, 12, 32]) {
        const shape = [count, ...input.shape.slice(1)];
        const found = f({ shape, data: input.data.subarray(0, count * size) });
        expect(found.shape).deep.equal([count, 10]);
        found.data.forEach((value, i) => void expect(value).closeTo(wanted[i], 1e-4));
      }
    }
  });

  it('is what evaluatePlain says', () => {
    const graph = graphOf('linear_4_2');
    const input = { shape: [3, 4], data: Float64Array.from({ length: 12 }, (_, i) => i / 5) };
    const [{ name }] = graph.inputs;
    const wanted = evaluatePlain(specialize(graph, { [name]: [3, 4] }), { [name]: input });
    expect(plainFunction(graph)(input)).deep.equal(wanted[graph.outputs[0].name]);
  });

  it('refuses what it cannot compute', () => {
    const graph = graphOf('linear_4_2');
    expect(() => plainFunction(graph)({ shape: [2, 4], data: [1] })).throw('do not fill');
    expect(() => plainFunction(graph)({ shape: [], data: [1] })).throw('do not fill');
    expect(() => plainFunction(graph)({ shape: [2, 3], data: new Float64Array(6) })).throw('given [2, 3]');
    expect(() => plainFunction(graph, { batch: 0 })).throw('batch is 0');
    expect(() => plainFunction({ ...graph, outputs: [] })).throw('one input and one output');
  });
});
