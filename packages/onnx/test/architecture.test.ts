import { fixtureArray, fixtureBytes, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import {
  ArchitectureError,
  type ArchitectureJson,
  architectureOf,
  buildGraph,
  type ConcreteGraph,
  graphFromArchitecture,
  type ModelGraph,
  type ParameterSlot,
  parseOnnx,
  specialize,
} from '../src/index.js';
import { numbers } from './helpers/compare.js';
import { encodeModel, type ModelSpec } from './helpers/onnx-encoder.js';

const load = (name: string) => buildGraph(parseOnnx(fixtureBytes(`${name}/model.onnx`)));
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A graph without the values of its parameters. */
const bare = (graph: ModelGraph<ParameterSlot> | ConcreteGraph<ParameterSlot>) => ({
  ...graph,
  parameters: [...graph.parameters].map(([name, { shape }]) => [name, shape]),
});

describe('onnx: architecture without weights', () => {
  for (const name of MODELS)
    it(`${name} is the same graph without its weights`, () => {
      const graph = load(name);
      const inputs = { [graph.inputs[0]?.name ?? '']: fixtureArray(`${name}/input.npy`).shape };
      const copy = graphFromArchitecture(throughJson(architectureOf(graph)));
      expect(bare(copy)).to.deep.equal(bare(graph));
      for (const parameter of copy.parameters.values()) expect(parameter).to.have.all.keys('shape');
      const concrete = specialize(graph, inputs);
      expect(bare(specialize(copy, inputs))).to.deep.equal(bare(concrete));
      const concreteCopy = graphFromArchitecture(throughJson(architectureOf(concrete)));
      expect(bare(concreteCopy)).to.deep.equal(bare(concrete));
      expect(concreteCopy.shapes).to.deep.equal(concrete.shapes);
    });

  it('does not depend on the weights', () => {
    const spec = (seed: number): ModelSpec => ({
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 2, 6, 6] }],
      outputs: [{ name: 'y' }],
      nodes: [
        {
          op: 'Constant',
          inputs: [],
          outputs: ['half'],
          attributes: { value: { t: { shape: [], data: numbers(1, seed) } } },
        },
        { op: 'Mul', inputs: ['x', 'half'], outputs: ['a'] },
        { op: 'Conv', inputs: ['a', 'w', 'b'], outputs: ['c'], attributes: { pads: { ints: [1, 1, 1, 1] } } },
        { op: 'BatchNormalization', inputs: ['c', 'b', 'b', 'b', 'v'], outputs: ['d'] },
        { op: 'Relu', inputs: ['d'], outputs: ['e'] },
        { op: 'BatchNormalization', inputs: ['e', 'b', 'b', 'b', 'v'], outputs: ['f'] },
        { op: 'Relu', inputs: ['f'], outputs: ['g'] },
        { op: 'Flatten', inputs: ['g'], outputs: ['h'] },
        { op: 'Gemm', inputs: ['h', 'k', 'm'], outputs: ['i'], attributes: { alpha: { f: 0.5 } } },
        { op: 'Add', inputs: ['i', 'm'], outputs: ['y'] },
      ],
      initializers: {
        w: { shape: [3, 2, 3, 3], data: numbers(54, seed) },
        b: { shape: [3], data: numbers(3, seed) },
        v: { shape: [3], data: numbers(3, seed).map((value) => value * value) },
        k: { shape: [108, 2], data: seed === 1 ? numbers(216, 5) : new Float64Array(216) },
        m: { shape: [2], data: seed === 1 ? numbers(2, 9) : new Float64Array(2) },
      },
    });
    const describeModel = (seed: number, foldBatchNorm: boolean) =>
      JSON.stringify(architectureOf(buildGraph(parseOnnx(encodeModel(spec(seed))), { foldBatchNorm })));
    for (const fold of [true, false]) {
      expect(describeModel(1, fold)).to.equal(describeModel(2, fold));
      expect(describeModel(1, fold)).to.equal(describeModel(3, fold));
    }
  });

  it('keeps infinite bounds of slices', () => {
    const spec: ModelSpec = {
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 5] }],
      outputs: [{ name: 'y' }],
      nodes: [{ op: 'Slice', inputs: ['x', 's', 'e'], outputs: ['y'] }],
      initializers: {
        s: { type: 7, shape: [1], data: [1] },
        e: { type: 7, shape: [1], data: [2n ** 63n - 1n] },
      },
    };
    const graph = buildGraph(parseOnnx(encodeModel(spec)));
    const copy = graphFromArchitecture(throughJson(architectureOf(graph)));
    expect(specialize(copy, { x: [4, 5] }).outputs[0]?.shape).to.deep.equal([3, 5]);
  });

  const graph = () => load('mnist_lenet1_tanh');
  const sample = () => throughJson(architectureOf(graph()));
  /** An architecture that a test may spoil. */
  interface Loose {
    nodes: { attributes: object; outputs: unknown }[];
    parameters: object[];
  }
  const damage: [string, (json: Loose) => void][] = [
    ['another format', (json) => Object.assign(json, { format: 'x' })],
    ['another version', (json) => Object.assign(json, { version: 2 })],
    ['an unknown operation', (json) => Object.assign(json.nodes[0] ?? {}, { op: 'constructor' })],
    ['a missing attribute', (json) => Object.assign(json.nodes[0] ?? {}, { attributes: {} })],
    ['an attribute too many', (json) => Object.assign(json.nodes[1] ?? {}, { attributes: { x: 1 } })],
    ['a wrong attribute', (json) => Object.assign(json.nodes[0]?.attributes ?? {}, { strides: [0, 1] })],
    ['an unknown value', (json) => Object.assign(json.nodes[1] ?? {}, { inputs: ['nothing'] })],
    ['no inputs', (json) => Object.assign(json.nodes[0] ?? {}, { inputs: [] })],
    ['a value made twice', (json) => Object.assign(json.nodes[1] ?? {}, { outputs: json.nodes[0]?.outputs })],
    ['a negative size', (json) => Object.assign(json.parameters[0] ?? {}, { shape: [-1] })],
    ['an unknown output', (json) => Object.assign(json, { outputs: [{ name: 'nothing' }] })],
    ['no nodes', (json) => Object.assign(json, { nodes: null })],
  ];
  for (const [what, change] of damage)
    it(`with ${what} is refused`, () => {
      const json = sample();
      change(json as unknown as Loose);
      expect(() => graphFromArchitecture(json))
        .to.throw(ArchitectureError)
        .with.property('code', 'ARCHITECTURE_FORMAT');
    });

  it('that contradicts itself is refused', () => {
    const concrete = specialize(graph(), { [graph().inputs[0]?.name ?? '']: [1, 1, 28, 28] });
    const json = throughJson(architectureOf(concrete));
    const [first] = json.parameters;
    Object.assign(first ?? {}, { shape: [...(first?.shape ?? []), 2] });
    expect(() => graphFromArchitecture(json)).to.throw(ArchitectureError, /contradicts itself/);
    for (const value of [null, 5, [], 'x'])
      expect(() => graphFromArchitecture(value as unknown as ArchitectureJson)).to.throw(ArchitectureError);
  });
});
