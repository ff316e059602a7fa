/**
 * Bounds of every value of a network from bounds of its inputs and the weights, by interval arithmetic: what the owner of
 * a model can say about the range of its layers without any data.
 */
import { evaluateGraph } from '../graph/evaluate.js';
import type { ConcreteGraph } from '../graph/graph.js';
import { type AnyDefinition, allDefinitions } from '../operation/registry.js';
import { between, exactly, type Interval, magnitudeOf, rising, spread } from '../plain/interval.js';
import type { Backend, Kernel, Kernels } from './backend.js';

function kernelOf(definition: AnyDefinition): Kernel<Interval> | undefined {
  const { bounds, monotone, moves, evaluate, publicOnly } = definition;
  if (publicOnly) return undefined;
  if (bounds) return (inputs, attributes) => bounds(inputs, attributes);
  if (moves)
    return (inputs, attributes, [shape]) => [
      rising(shape, (...ends) => evaluate(ends, attributes)[0], ...inputs.map(spread)),
    ];
  if (!monotone) return undefined;
  return ([x], attributes, [shape]) => [rising(shape, (v) => evaluate([v], attributes)[0], x)];
}

export const boundsBackend: Backend<Interval> = {
  name: 'on bounds',
  kernels: Object.fromEntries(
    allDefinitions().flatMap((definition) => {
      const kernel = kernelOf(definition);
      return kernel ? [[definition.op, kernel]] : [];
    }),
  ) as Kernels<Interval>,
  shapeOf: ({ shape }) => shape,
  constant: exactly,
};

/** The largest magnitude that a value of a network can have. */
export interface ValueBound {
  readonly node: string;
  readonly op: string;
  readonly largest: number;
}

/**
 * Bounds of the values of all nodes, in their order.
 * @param graph the network with its weights
 * @param inputRange bounds of every element of every input
 * @returns the largest magnitude of every node's value
 * @example valueBounds(graph, [0, 1]).filter(({ largest }) => largest >= 2 ** 28);
 */
export function valueBounds(
  graph: ConcreteGraph,
  inputRange: readonly [low: number, high: number],
): readonly ValueBound[] {
  const found: ValueBound[] = [];
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name, shape }) => [name, between(shape, inputRange[0], inputRange[1])]),
  );
  const parameters = new Map(Array.from(graph.parameters, ([name, tensor]) => [name, exactly(tensor)]));
  evaluateGraph(graph, boundsBackend, inputs, parameters, {
    onValue: ({ name, op }, value) => found.push({ node: name, op, largest: magnitudeOf(value) }),
  });
  return found;
}
