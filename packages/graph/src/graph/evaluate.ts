/** A concrete graph on any backend, one node after the other; a value is freed after its last use. */
import { apply, type Backend } from '../backend/backend.js';
import type { Attributes, ConcreteOpName } from '../operation/registry.js';
import { sameShape, show } from '../shape/dims.js';
import { InputShapeError, ModelShapeError } from './errors.js';
import type { ConcreteGraph, ConcreteNode, ParameterSlot } from './graph.js';

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
  const values = new Map<string, T>(parameters);
  for (const [name, value] of Object.entries(inputs))
    if (!graph.inputs.some((input) => input.name === name))
      throw new InputShapeError(name, undefined, backend.shapeOf(value));
  for (const { name, shape } of graph.inputs) {
    const given = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    const own = given === undefined ? undefined : backend.shapeOf(given);
    if (given === undefined || own === undefined || !sameShape(own, shape))
      throw new InputShapeError(name, shape, own);
    values.set(name, given);
  }
  const lastUse = lastUses(graph);
  const kept = new Set<T>(values.values());
  graph.nodes.forEach((node, index) => {
    const operands = node.inputs.map((name) => known(values, name));
    const label = `node ${JSON.stringify(node.name)} (${node.op})`;
    const attributes = node.attributes as Attributes<ConcreteOpName>;
    const compute = () => apply<T, ConcreteOpName>(backend, node.op, operands, attributes, label)[0];
    const value = backend.node ? backend.node(node, operands, compute) : compute();
    const shape = graph.shapes.get(node.outputs[0]);
    if (shape && !sameShape(shape, backend.shapeOf(value)))
      throw new ModelShapeError(`${label} made ${show(backend.shapeOf(value))} instead of ${show(shape)}`);
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

function lastUses(graph: ConcreteGraph<ParameterSlot>): Map<string, number> {
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) lastUse.set(name, index);
  });
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);
  return lastUse;
}

function known<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new ModelShapeError(`The value ${JSON.stringify(name)} is not known.`);
  return value;
}
