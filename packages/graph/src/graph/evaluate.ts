/** A concrete graph on any backend, one node after the other; a value is freed after its last use. */
import { apply, type Backend } from '../backend/backend.js';
import type { Attributes, ConcreteOpName } from '../operation/registry.js';
import type { ConcreteGraph, ConcreteNode, ParameterSlot } from './graph.js';
import { atNode, checkMade, givenValues, known, labelOf, lastUses } from './node-values.js';

export interface EvaluateOptions<T> {
  /** Called with the value of every node as it is made. */
  readonly onValue?: (node: ConcreteNode, value: T) => void;
}

/**
 * Runs the network.
 * @param graph the network
 * @param backend what computes
 * @param inputs every input of the graph, of exactly its shape
 * @param parameters every parameter of the graph
 * @param options what to call with every value
 * @returns every output of the graph by name; what was given is never freed
 * @throws InputShapeError for an input that is missing, unknown, or of another shape
 * @example const { output } = evaluateGraph(graph, plainBackend, { input }, new Map(graph.parameters));
 */
export function evaluateGraph<T>(
  graph: ConcreteGraph<ParameterSlot>,
  backend: Backend<T>,
  inputs: Readonly<Record<string, T>>,
  parameters: ReadonlyMap<string, T>,
  options: EvaluateOptions<T> = {},
): Record<string, T> {
  const values = givenValues(graph, backend, inputs, parameters);
  const lastUse = lastUses(graph);
  const kept = new Set<T>(values.values());
  graph.nodes.forEach((node, index) => {
    const operands = node.inputs.map((name) => known(values, name));
    const attributes = node.attributes as Attributes<ConcreteOpName>;
    const compute = () => apply<T, ConcreteOpName>(backend, node.op, operands, attributes, labelOf(node))[0];
    const value = atNode(node, () => (backend.node ? backend.node(node, operands, compute) : compute()));
    checkMade(graph, backend, node, value);
    values.set(node.outputs[0], value);
    options.onValue?.(node, value);
    for (const name of new Set(node.inputs)) {
      if (lastUse.get(name) !== index) continue;
      const done = known(values, name);
      values.delete(name);
      if (!kept.has(done) && ![...values.values()].includes(done)) backend.dispose?.(done);
    }
  });
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, known(values, name)]));
}
