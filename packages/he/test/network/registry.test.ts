/**
 * Every operation of the registry as a homomorphic network, with each of its inputs as the encrypted one, at the start
 * and between other layers: it is what the plain value is, or it is refused by name.
 */
import { allDefinitions, evaluatePlain } from '@tacit/graph';
import { exampleGraphs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { HeModelError } from '../../src/network/errors.js';
import { networkFromGraph } from '../../src/network/from-graph.js';
import { evaluateNetwork } from '../../src/network/network.js';
import { evaluateNormal, normalizeNetwork } from '../../src/network/normalize.js';

const BEFORE = [[], ['Neg'], ['Square'], ['Square', 'Neg']];
const AFTER = [[], ['Neg'], ['Square']];

describe('homomorphic networks of every operation', () => {
  const supported: string[] = [];

  for (const definition of allDefinitions().filter(({ publicOnly }) => !publicOnly))
    it(definition.op, () => {
      for (const { graph, x, name } of exampleGraphs(definition, BEFORE, AFTER)) {
        const network = refusedOr(() => networkFromGraph(graph), definition.op);
        if (network === undefined) continue;
        if (supported.at(-1) !== definition.op) supported.push(definition.op);
        const expected = evaluatePlain(graph, { x }).y.data;
        close(evaluateNetwork(network, x.data), expected, name);
        close(evaluateNormal(normalizeNetwork(network), x.data), expected, name);
      }
    });

  it('are refused for those alone that are neither affine nor polynomial', () => {
    expect(supported.join(' ')).equal(
      'AdaptiveAveragePool Add Affine AveragePool Clip Concat Conv ConvTranspose CumSum DepthToSpace ' +
        'Div Dropout Einsum Expand Extend Flatten GatherElements GatherND GlobalAveragePool Identity IndexAdd ' +
        'Linear Lookup MatMul MaxPool Mul Neg Pad Polynomial Pow ReduceMean ReduceProd ReduceSum ReduceSumSquare Reshape Resize ' +
        'Roll ScatterElements ScatterND Slice SpaceToDepth Square Squeeze Sub Take Tile Trace Transpose ' +
        'Trilu Unsqueeze Variance Where',
    );
  });
});

/** The network, or undefined for what is refused; the refusal says which layer. */
function refusedOr<T>(make: () => T, op: string): T | undefined {
  try {
    return make();
  } catch (error) {
    expect(error, op)
      .instanceOf(HeModelError)
      .property('message')
      .match(
        // The layer itself, not an operation that it is composed of.
        new RegExp(
          `layer \\d (is a (${op}\\.|polynomial)|the network joins|multiplies|divides|has weights)|output y is not computed`,
        ),
      );
    return undefined;
  }
}

function close(actual: Float64Array, expected: Float64Array, what: string) {
  expect(actual.length, what).equal(expected.length);
  actual.forEach((value, i) => {
    const right = expected[i] as number;
    expect(value, `${what}, element ${i}`).closeTo(right, 1e-9 * Math.max(1, Math.abs(right)));
  });
}
