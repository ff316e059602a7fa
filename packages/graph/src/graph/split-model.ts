/**
 * A network cut in two at one value: what leads to it, and what follows. The first part of a published network can then run
 * in the clear where the data are, and only what it makes of them is shared.
 */
import { ArgumentError } from '@tacit/errors';
import { isRef } from '../operation/attributes.js';
import { inferShapes } from '../operation/infer.js';
import type { Attributes, OpName } from '../operation/registry.js';
import type { Shape } from '../shape/dims.js';
import type { GraphNode, InputSlot, ModelGraph, ParameterSlot } from './graph.js';

/** Both parts of a network. */
export interface SplitModel<P extends ParameterSlot> {
  /** From the inputs to the value where the network is cut, which is its only output. */
  readonly features: ModelGraph<P>;
  /** From that value, which is its only input, to the outputs. */
  readonly head: ModelGraph<P>;
}

/** Operations whose parameters make a layer that counts. */
const LAYERS: readonly OpName[] = ['Linear', 'MatMul', 'Conv', 'ConvTranspose'];

/**
 * Cuts a network in two.
 * @param graph the network
 * @param at where: a number, so that as many of the last layers with weights (linear ones and convolutions) are in the
 * second part; or the name of a node, behind which it is cut, or of a value
 * @returns both parts; a parameter that both use is in both
 * @throws ArgumentError where there is no such place, or the value is not all that the second part needs to know of the
 * inputs
 * @example const { features, head } = splitModel(buildGraph(parseOnnx(file)), 1); // all but the last layer, and that
 */
export function splitModel<P extends ParameterSlot>(
  graph: ModelGraph<P>,
  at: number | string,
): SplitModel<P> {
  const value = typeof at === 'number' ? inputOfLayer(graph, at) : namedValue(graph, at);
  const after = neededFrom(graph, new Set(graph.outputs.map(({ name }) => name)), value);
  if (!after) {
    const places = graph.nodes
      .flatMap(({ outputs }) => outputs)
      .filter((name) => neededFrom(graph, new Set(graph.outputs.map((output) => output.name)), name))
      .map((name) => JSON.stringify(name));
    throw new ArgumentError(
      `the network cannot be cut at ${JSON.stringify(value)} alone: what follows needs more than that, or not that. ` +
        (places.length > 0
          ? `It can be cut at ${places.join(', ')}`
          : 'There is no place where it can be cut'),
    );
  }
  const before = neededFrom(graph, new Set([value]), undefined) ?? new Set();
  const input: InputSlot = { name: value, shape: shapeOf(graph, value) };
  return {
    features: partOf(graph, before, graph.inputs, [{ name: value }]),
    head: partOf(graph, after, [input], graph.outputs),
  };
}

/** What a node reads: inputs and public values in its attributes. */
const readBy = (node: GraphNode): string[] => [
  ...node.inputs,
  ...Object.values(node.attributes).flatMap((value) => (isRef(value) ? [value.value] : [])),
];

/** The data that one of the last layers works on. */
function inputOfLayer(graph: ModelGraph<ParameterSlot>, count: number): string {
  const layers = graph.nodes.filter(
    ({ op, inputs }) => LAYERS.includes(op) && inputs.some((name) => graph.parameters.has(name)),
  );
  if (!Number.isInteger(count) || count < 1 || count > layers.length)
    throw new ArgumentError(
      `the last ${count} layers of a network with ${layers.length} layers that have weights: give 1 to ${layers.length}, or the name of a node`,
    );
  const { inputs } = layers[layers.length - count];
  return inputs.find((name) => !graph.parameters.has(name)) ?? inputs[0];
}

function namedValue(graph: ModelGraph<ParameterSlot>, name: string): string {
  const node = graph.nodes.find((one) => one.name === name);
  if (node) return node.outputs[0];
  if (
    graph.inputs.some((input) => input.name === name) ||
    graph.nodes.some(({ outputs }) => outputs.includes(name))
  )
    return name;
  const last = graph.nodes.slice(-8).map((one) => JSON.stringify(one.name));
  throw new ArgumentError(
    `the network has no node ${JSON.stringify(name)}; its last ones are ${last.join(', ')}`,
  );
}

/**
 * The nodes that values are made by, back to the inputs of the graph or to the value `until`.
 * @returns undefined where that value is not needed, or inputs of the graph are besides it
 */
function neededFrom(
  graph: ModelGraph<ParameterSlot>,
  wanted: Set<string>,
  until: string | undefined,
): ReadonlySet<GraphNode> | undefined {
  const nodes = new Set<GraphNode>();
  const needed = new Set(wanted);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name) && name !== until)) continue;
    nodes.add(node);
    for (const name of readBy(node)) needed.add(name);
  }
  if (until === undefined) return nodes;
  const others = graph.inputs.some(({ name }) => name !== until && needed.has(name));
  return needed.has(until) && !others ? nodes : undefined;
}

function partOf<P extends ParameterSlot>(
  graph: ModelGraph<P>,
  kept: ReadonlySet<GraphNode>,
  inputs: readonly InputSlot[],
  outputs: readonly { readonly name: string }[],
): ModelGraph<P> {
  const nodes = graph.nodes.filter((node) => kept.has(node));
  const read = new Set([...nodes.flatMap(readBy), ...outputs.map(({ name }) => name)]);
  const parameters = new Map([...graph.parameters].filter(([name]) => read.has(name)));
  return { inputs, outputs, nodes, parameters };
}

/** The shape of a value, as far as it is known; a size that is not is one of its own. */
function shapeOf(graph: ModelGraph<ParameterSlot>, value: string): Shape {
  const shapes = new Map<string, Shape>();
  for (const { name, shape } of graph.inputs) shapes.set(name, shape);
  for (const [name, { shape }] of graph.parameters) shapes.set(name, shape);
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const operands = inputs.map((name) => shapes.get(name) ?? []);
    const [shape] = inferShapes<OpName>(op, operands, attributes as Attributes<OpName, 'model'>);
    shapes.set(outputs[0], shape);
  }
  return shapes.get(value) ?? [];
}
