/**
 * How the weights of a model are scaled, decided by their owner and public: by default as every value, with more fraction
 * bits where all of a tensor's weights are small, and with two terms where those of one input are small beside others.
 * A feature of large numbers has small weights; rounded like the others they would be lost.
 */
import { ArgumentError } from '@tacit/errors';
import {
  AS_GOOD_AS_INFINITE,
  type ConcreteGraph,
  type ConcreteNode,
  type GraphNode,
  type ModelGraph,
  numbersOf,
  type Parameter,
  withNumbersOf,
} from '@tacit/graph';
import { featuresPrecise, type Precision } from '@tacit/tensor';

/**
 * The graph with the scales of its weights, where they are not the usual ones.
 * @param graph graph with weights, at their owner
 * @param precision ranges and scales of the session
 * @returns the same graph, with scales
 * @throws ArgumentError where infinite constants have no place in the range of the session
 */
export function withWeightScales<G extends ModelGraph | ConcreteGraph>(graph: G, precision: Precision): G {
  checkMasks(graph, precision);
  const parameters = new Map(graph.parameters);
  for (const node of graph.nodes) {
    const name = node.inputs[1];
    const weight = name === undefined ? undefined : parameters.get(name);
    const role = weight && roleOf(node, weight);
    if (!weight || !role || weight.scales || isShared(graph, name)) continue;
    const values = numbersOf(weight);
    const scales = precision.weightScales(values, role.grows, featuresPrecise(values, role.inputOf));
    if (scales.length > 1 || scales[0] !== precision.fractionBits)
      parameters.set(name, withNumbersOf({ shape: weight.shape, scales }, weight));
  }
  return { ...graph, parameters };
}

/** What stands for infinity must be a number that values may be. */
function checkMasks({ parameters }: ModelGraph | ConcreteGraph, { range, fractionBits }: Precision): void {
  if (2 ** range >= AS_GOOD_AS_INFINITE) return;
  for (const [name, parameter] of parameters)
    if (numbersOf(parameter).some((v) => Math.abs(v) === AS_GOOD_AS_INFINITE))
      throw new ArgumentError(
        `${JSON.stringify(name)} holds infinite numbers, for which 2^${Math.log2(AS_GOOD_AS_INFINITE)} stands; ` +
          `with ${fractionBits} fraction bits values stay below 2^${range}: use fewer`,
      );
}

/** A weight of several layers would need the scales of all of them. */
const isShared = (graph: ModelGraph | ConcreteGraph, name: string): boolean =>
  [...graph.nodes].filter(({ inputs }) => inputs.includes(name)).length > 1;

interface Role {
  /** log2 of how many products are added up. */
  readonly grows: number;
  /** Which input a weight multiplies. */
  readonly inputOf: (index: number) => number;
}

function roleOf(node: ConcreteNode | GraphNode, { shape }: Parameter): Role | undefined {
  const log = (count: number) => (count > 1 ? Math.log2(count) : 0);
  switch (node.op) {
    case 'Linear':
      return { grows: log(shape[0]), inputOf: (i) => Math.floor(i / shape[1]) };
    case 'Conv': {
      const perOutput = shape.slice(1).reduce((a, b) => a * b, 1);
      const taps = perOutput / shape[1];
      const outPerGroup = shape[0] / node.attributes.group;
      const inputOf = (i: number) =>
        Math.floor(Math.floor(i / perOutput) / outPerGroup) * shape[1] + (Math.floor(i / taps) % shape[1]);
      return { grows: log(perOutput), inputOf };
    }
    case 'ConvTranspose': {
      const perInput = shape.slice(1).reduce((a, b) => a * b, 1);
      const inPerGroup = shape[0] / node.attributes.group;
      return { grows: log((perInput / shape[1]) * inPerGroup), inputOf: (i) => Math.floor(i / perInput) };
    }
    case 'Mul':
    case 'Affine':
      return { grows: 0, inputOf: (i) => i };
    default:
      return undefined;
  }
}
