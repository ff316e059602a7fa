import { evaluatePlain } from '@tacit/graph';
import { expect } from 'chai';
import fc from 'fast-check';
import { HeModelError } from '../../src/network/errors.js';
import { networkFromGraph } from '../../src/network/from-graph.js';
import { evaluateNetwork, evaluatePolynomial, type PolynomialNetwork } from '../../src/network/network.js';
import { evaluateNormal, normalizeNetwork } from '../../src/network/normalize.js';
import { SparseMatrix } from '../../src/network/sparse-matrix.js';
import { fixtureGraph } from '../helpers/fixtures.js';

describe('networks as chains of affine maps and polynomials', () => {
  const graph = fixtureGraph('mnist_lenet1_square', [1, 1, 28, 28]);
  const pixels = Float64Array.from({ length: 784 }, (_, i) => ((i * 37) % 256) / 255);
  const expected = evaluatePlain(graph, { input: { shape: [1, 1, 28, 28], data: pixels } })[
    graph.outputs[0]?.name ?? ''
  ]?.data as Float64Array;

  it('lenet1_square is three affine maps and two squares', () => {
    const network = networkFromGraph(graph);
    expect(network.stages.map((stage) => stage.kind)).to.deep.equal([
      'affine',
      'polynomial',
      'affine',
      'polynomial',
      'affine',
    ]);
    expect(network.stages.map((stage) => stage.shape)).to.deep.equal([
      [1, 4, 24, 24],
      [1, 4, 24, 24],
      [1, 12, 8, 8],
      [1, 12, 8, 8],
      [1, 10],
    ]);
    closeTo(evaluateNetwork(network, pixels), expected, 1e-9);
    closeTo(evaluateNormal(normalizeNetwork(network), pixels), expected, 1e-9);
  });

  it('moves elements by every operation that does', () => {
    const shapes: [string, number[]][] = [
      ['x', [1, 2, 1, 3]],
      ['a', [1, 2, 3]],
      ['b', [1, 2, 3, 1]],
      ['c', [1, 2, 3, 2]],
      ['y', [2, 6]],
    ];
    const node = (op: string, input: string, output: string, attributes: object) =>
      ({ name: output, op, inputs: [input], outputs: [output], attributes }) as never;
    const moves = {
      inputs: [{ name: 'x', shape: [1, 2, 1, 3] }],
      outputs: [{ name: 'y', shape: [2, 6] }],
      nodes: [
        node('Squeeze', 'x', 'a', { axes: [2] }),
        node('Unsqueeze', 'a', 'b', { axes: [3] }),
        node('Expand', 'b', 'c', { shape: [1, 2, 3, 2] }),
        node('Flatten', 'c', 'y', { axis: 2 }),
      ],
      parameters: new Map(),
      shapes: new Map(shapes),
    };
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    const right = evaluatePlain(moves, { x: { shape: [1, 2, 1, 3], data } }).y.data;
    closeTo(evaluateNetwork(networkFromGraph(moves), data), right, 0);
  });

  it('composes whatever comes before a layer with its matrix, at the input and after an activation', () => {
    const vector = { shape: [2], data: Float64Array.of(0.5, -3) };
    const before = (op: string, input: string, output: string) => {
      const inputs = { Neg: [input], Identity: [input], Square: [input], 'c - x': ['c', input] }[op] ?? [
        input,
        'c',
      ];
      return { name: output, op: op === 'c - x' ? 'Sub' : op, inputs, outputs: [output], attributes: {} };
    };
    const linear = (input: string, output: string) =>
      ({ name: output, op: 'Linear', inputs: [input, 'w'], outputs: [output], attributes: {} }) as const;
    const operations = ['Neg', 'Identity', 'Add', 'Sub', 'c - x', 'Mul'];
    const pairs = operations.flatMap((first) => operations.map((second) => [first, second]));
    for (const prefix of [...operations.map((only) => [only]), ...pairs])
      for (const start of [[], ['Square']]) {
        // No square comes after the linear layer: it would hide a lost sign.
        const steps = [...start, ...prefix].map((op, i) => before(op, i === 0 ? 'x' : `v${i - 1}`, `v${i}`));
        const last = `v${steps.length - 1}`;
        const chain = {
          inputs: [{ name: 'x', shape: [1, 2] }],
          outputs: [{ name: 'y', shape: [1, 2] }],
          nodes: [...steps, linear(last, 'y')] as never[],
          parameters: new Map([
            ['c', vector],
            ['w', { shape: [2, 2], data: Float64Array.of(3, 5, -2, 7) }],
          ]),
          shapes: new Map(['x', 'y', ...steps.map(({ name }) => name)].map((name) => [name, [1, 2]])),
        };
        const data = Float64Array.of(1.5, -2);
        const right = evaluatePlain(chain, { x: { shape: [1, 2], data } }).y.data;
        closeTo(evaluateNetwork(networkFromGraph(chain), data), right, 1e-9);
      }
  });

  it('names the layer that is no polynomial, and says what would help', () => {
    expect(() => networkFromGraph(fixtureGraph('mnist_lenet1_tanh', [1, 1, 28, 28])))
      .to.throw(/Tanh.*approxim/s)
      .with.property('code', 'HE_MODEL');
    expect(() => networkFromGraph(fixtureGraph('mnist_mlp_784_128_128_10', [1, 784]))).to.throw(
      /Relu.*squares/s,
    );
  });

  it('puts polynomials in the place of activations, affine ones too', () => {
    for (const op of ['HardSwish', 'Relu', 'Tanh', 'Abs'])
      for (const coefficients of [[0.5], [0.5, 2], [0.5, 2, -1], [1, 0, 0, 0, 3], [0, 1, 0]]) {
        const activation = { name: 'a', op, inputs: ['x'], outputs: ['y'], attributes: {} } as never;
        const square = { name: 's', op: 'Square', inputs: ['y'], outputs: ['z'], attributes: {} } as never;
        const network = networkFromGraph(
          {
            inputs: [{ name: 'x', shape: [2] }],
            outputs: [{ name: 'z', shape: [2] }],
            nodes: [activation, square],
            parameters: new Map(),
            shapes: new Map(),
          },
          { approximations: new Map([['a', coefficients]]) },
        );
        const [x, right] = [[1.5, -2], (v: number) => evaluatePolynomial(coefficients, v) ** 2];
        closeTo(evaluateNetwork(network, x), Float64Array.from(x, right), 1e-9);
        closeTo(evaluateNormal(normalizeNetwork(network), x), Float64Array.from(x, right), 1e-9);
        expect(network.stages.flatMap(({ layers }) => layers)).to.deep.equal(['a', 's']);
      }
  });

  it('refuses paths through different activations, and several outputs, by name', () => {
    const end = (name: string) => ({ name, shape: [2] });
    const node = (op: string, inputs: string[], output: string) =>
      ({ name: `layer ${output}`, op, inputs, outputs: [output], attributes: {} }) as never;
    const nodes = [node('Square', ['x'], 'a'), node('Square', ['x'], 'b'), node('Add', ['a', 'b'], 'y')];
    const graph = { inputs: [end('x')], nodes, parameters: new Map(), shapes: new Map() };
    expect(() => networkFromGraph({ ...graph, outputs: [end('y')] })).to.throw(
      HeModelError,
      /layer y.*different/,
    );
    expect(() => networkFromGraph({ ...graph, outputs: [end('a'), end('b')] })).to.throw(
      HeModelError,
      /2 outputs \(a, b\).*extract_model/,
    );
    // A path that leads to no output does not count.
    const squared = networkFromGraph({ ...graph, nodes: nodes.slice(0, 2), outputs: [end('a')] });
    closeTo(evaluateNetwork(squared, [3, -2]), Float64Array.of(9, 4), 0);
  });

  it('normal forms of polynomials of degree 2 to 4 are the same functions', () => {
    const real = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(real, { minLength: 3, maxLength: 5 }), real, (coefficients, x) => {
        const top = coefficients.at(-1) as number;
        fc.pre(Math.abs(top) > 0.25);
        const network: PolynomialNetwork = {
          input: { name: 'x', shape: [1] },
          output: { name: 'y', shape: [1] },
          stages: [
            affine(0.5, 0.25),
            { kind: 'polynomial', layers: [], shape: [1], coefficients },
            affine(2, -1),
          ],
        };
        const value = evaluateNormal(normalizeNetwork(network), [x])[0] as number;
        const wanted = 2 * evaluatePolynomial(coefficients, 0.5 * x + 0.25) - 1;
        expect(value).to.be.closeTo(wanted, 1e-8 * (1 + Math.abs(wanted)));
      }),
    );
  });
});

function affine(factor: number, shift: number) {
  return {
    kind: 'affine' as const,
    layers: [],
    shape: [1],
    matrix: SparseMatrix.fromRows(1, [[[0, factor]]]),
    bias: Float64Array.of(shift),
  };
}

function closeTo(actual: Float64Array, expected: Float64Array, tolerance: number) {
  expect(actual.length).to.equal(expected.length);
  actual.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i] as number, tolerance);
  });
}
