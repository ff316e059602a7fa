/**
 * The plain interpreter: a concrete graph in double precision, one node after the other. It is the reference for
 * private execution and no more than that; it is written to be read, not to be fast.
 */
import { evaluateNode } from './apply.js';
import { InputShapeError, ModelShapeError } from './errors.js';
import type { ConcreteGraph, ConcreteNode } from './graph.js';
import { type PlainTensor, plainTensor } from './plain-tensor.js';
import { at } from './shapes.js';

export interface EvaluateOptions {
  /** Called with the value of every node as it is computed. */
  readonly onValue?: (node: ConcreteNode, value: PlainTensor) => void;
}

/**
 * Runs the network on plain data.
 * @param inputs every input of the graph, row-major, of exactly its shape
 * @returns every output of the graph by name
 * @throws InputShapeError for an input that is missing, unknown, or of another shape
 */
export function evaluatePlain(
  graph: ConcreteGraph,
  inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>,
  options: EvaluateOptions = {},
): Record<string, PlainTensor> {
  const values = new Map<string, PlainTensor>(graph.parameters);
  for (const [name, { shape }] of Object.entries(inputs))
    if (!graph.inputs.some((input) => input.name === name)) throw new InputShapeError(name, undefined, shape);
  for (const { name, shape } of graph.inputs) {
    const given = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    const same = given?.shape.length === shape.length && shape.every((size, i) => size === given.shape[i]);
    if (given === undefined || !same) throw new InputShapeError(name, shape, given?.shape);
    values.set(name, plainTensor(shape, given.data));
  }
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const name of node.inputs) lastUse.set(name, index);
  });
  for (const { name } of graph.outputs) lastUse.set(name, graph.nodes.length);
  graph.nodes.forEach((node, index) => {
    const value = evaluateNode(
      node,
      node.inputs.map((name) => known(values, name)),
    );
    values.set(at(node.outputs, 0), value);
    options.onValue?.(node, value);
    for (const name of node.inputs) if (lastUse.get(name) === index) values.delete(name);
  });
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, known(values, name)]));
}

function known(values: ReadonlyMap<string, PlainTensor>, name: string): PlainTensor {
  const value = values.get(name);
  if (value === undefined) throw new ModelShapeError(`The value ${JSON.stringify(name)} is not known.`);
  return value;
}
