/** The plain backend: double precision, one operation after the other. The reference for all other backends. */
import { evaluateGraph } from '../graph/evaluate.js';
import type { ConcreteGraph, ConcreteNode } from '../graph/graph.js';
import { type Attributes, allDefinitions, type ConcreteOpName, definitionOf } from '../operation/registry.js';
import { type PlainTensor, plainTensor } from '../plain/plain-tensor.js';
import type { Backend, Kernels } from './backend.js';

export const plainBackend: Backend<PlainTensor> = {
  name: 'in the clear',
  kernels: Object.fromEntries(
    allDefinitions().map((definition) => [definition.op, definition.evaluate.bind(definition)]),
  ) as Kernels<PlainTensor>,
  shapeOf: ({ shape }) => shape,
  constant: (x) => x,
};

/** Anything with a shape and numbers. */
export interface PlainInputs {
  readonly [name: string]: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
}

/**
 * Runs a network on plain data, row-major.
 * @param graph the network
 * @param inputs shape and data of every input by name
 * @param options what to call with every value
 * @returns every output of the graph by name
 * @throws InputShapeError for an input that is missing, unknown, or of another shape
 * @example const { output } = evaluatePlain(graph, { input: { shape: [1, 4], data: [1, 2, 3, 4] } });
 */
export function evaluatePlain(
  graph: ConcreteGraph,
  inputs: PlainInputs,
  options: { readonly onValue?: (node: ConcreteNode, value: PlainTensor) => void } = {},
): Record<string, PlainTensor> {
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, plainTensor(shape, data)]),
  );
  return evaluateGraph(graph, plainBackend, given, new Map<string, PlainTensor>(graph.parameters), options);
}

/**
 * The value of one node of a concrete graph.
 * @param node node of the graph
 * @param inputs values of the operands
 * @returns its first output
 * @example evaluateNode(graph.nodes[0], [x]);
 */
export const evaluateNode = (node: ConcreteNode, inputs: readonly PlainTensor[]): PlainTensor =>
  definitionOf<ConcreteOpName>(node.op).evaluate(inputs, node.attributes as Attributes<ConcreteOpName>)[0];
