/** What the evaluators of graphs share: the values of names, how long each is needed, and checks with the node's name. */
import { type Backend, UnsupportedOperationError } from '../backend/backend.js';
import { sameShape, show } from '../shape/dims.js';
import { InputShapeError, ModelShapeError } from './errors.js';
import type { ConcreteGraph, ConcreteNode, ParameterSlot } from './graph.js';

type Graph = ConcreteGraph<ParameterSlot>;

/** Values of the inputs and parameters by name. Throws an InputShapeError for an input that is missing, unknown, or of another shape. */
export function givenValues<T>(
  graph: Graph,
  backend: Backend<T>,
  inputs: Readonly<Record<string, T>>,
  parameters: ReadonlyMap<string, T>,
): Map<string, T> {
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
  return values;
}

/** Number of the node that is the last to read each value; the number of all nodes for outputs. */
export function lastUses(graph: Graph): Map<string, number> {
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) lastUse.set(name, index);
  });
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);
  return lastUse;
}

export function known<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new ModelShapeError(`The value ${JSON.stringify(name)} is not known.`);
  return value;
}

/** How errors call a node. */
export const labelOf = ({ name, op }: ConcreteNode): string => `node ${JSON.stringify(name)} (${op})`;

/** Throws where a node's value has not the shape that the graph says. */
export function checkMade<T>(graph: Graph, backend: Backend<T>, node: ConcreteNode, value: T): void {
  const [shape, made] = [graph.shapes.get(node.outputs[0]), backend.shapeOf(value)];
  if (shape && !sameShape(shape, made))
    throw new ModelShapeError(`${labelOf(node)} made ${show(made)} instead of ${show(shape)}`);
}

/** Runs something for a node; what cannot be computed is said with the node's name. */
export function atNode<R>(node: ConcreteNode, f: () => R): R {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof UnsupportedOperationError) || error.node !== undefined) throw error;
    throw new UnsupportedOperationError(error.op, error.backend, labelOf(node));
  }
}
