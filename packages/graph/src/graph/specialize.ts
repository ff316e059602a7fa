/**
 * `ModelGraph` to `ConcreteGraph`: with the shapes of the inputs, every shape follows, shape arithmetic is evaluated
 * and disappears, and attributes become numbers. Works without weights too, with the same result.
 */
import { ShapeError } from '@tacit/errors';
import { isRef } from '../operation/attributes.js';
import { resolveCall } from '../operation/infer.js';
import { type Attributes, isPublicOnly, type OpName } from '../operation/registry.js';
import { type PlainTensor, plainTensor } from '../plain/plain-tensor.js';
import { at, isNumeric, type Shape, show } from '../shape/dims.js';
import { applyPlain } from './apply-plain.js';
import { InputShapeError, ModelShapeError } from './errors.js';
import type {
  ConcreteGraph,
  ConcreteNode,
  GraphNode,
  InputSlot,
  ModelGraph,
  ParameterSlot,
} from './graph.js';

/**
 * Fixes all shapes.
 * @param graph graph with open sizes
 * @param inputShapes shape of every input; one whose declared shape is numbers only may be left out
 * @returns the graph with every size known
 * @throws InputShapeError when a shape does not fit the declared one, or a symbolic size would be two numbers
 * @throws ModelShapeError when a node cannot work on the resulting shapes
 * @example const concrete = specialize(graph, { input: [32, 1, 28, 28] });
 */
export function specialize<P extends ParameterSlot>(
  graph: ModelGraph<P>,
  inputShapes: Readonly<Record<string, readonly number[]>> = {},
): ConcreteGraph<P> {
  const inputs = bindInputs(graph, inputShapes);
  const shapes = new Map<string, readonly number[]>(inputs.map(({ name, shape }) => [name, shape]));
  for (const [name, { shape }] of graph.parameters) shapes.set(name, shape);
  const publics = new Map<string, PlainTensor>();
  const nodes: ConcreteNode[] = [];
  for (const node of graph.nodes) {
    try {
      specializeNode(node, shapes, publics, nodes);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const given = inputs.map(({ name, shape }) => `${name} ${show(shape)}`).join(', ');
      throw new ModelShapeError(`Node ${JSON.stringify(node.name)}: ${error.message}, with input ${given}.`);
    }
  }
  const outputs = graph.outputs.map(({ name }) => ({ name, shape: shapeOf(shapes, name) }));
  return { inputs, outputs, nodes, parameters: graph.parameters, shapes };
}

function bindInputs(
  graph: ModelGraph<ParameterSlot>,
  given: Readonly<Record<string, readonly number[]>>,
): InputSlot<readonly number[]>[] {
  for (const [name, shape] of Object.entries(given))
    if (!graph.inputs.some((input) => input.name === name)) throw new InputShapeError(name, undefined, shape);
  const sizes = new Map<string, number>();
  return graph.inputs.map(({ name, shape: declared, ...rest }) => {
    const shape = Object.hasOwn(given, name) ? given[name] : isNumeric(declared) ? declared : undefined;
    if (shape === undefined || !fits(declared, shape)) throw new InputShapeError(name, declared, shape);
    shape.forEach((size, axis) => {
      const symbol = at(declared, axis);
      if (typeof symbol === 'number' || symbol === '?') return;
      const known = sizes.get(symbol);
      if (known !== undefined && known !== size)
        throw new InputShapeError(name, declared, shape, `${symbol} is ${known} elsewhere`);
      sizes.set(symbol, size);
    });
    return { ...rest, name, shape: [...shape] };
  });
}

function fits(declared: Shape, given: readonly number[]): boolean {
  return (
    declared.length === given.length &&
    given.every(
      (size, axis) =>
        Number.isSafeInteger(size) &&
        size >= 0 &&
        (declared[axis] === size || typeof declared[axis] === 'string'),
    )
  );
}

function specializeNode(
  node: GraphNode,
  shapes: Map<string, readonly number[]>,
  publics: Map<string, PlainTensor>,
  nodes: ConcreteNode[],
): void {
  const output = at(node.outputs, 0);
  const bound = bindReferences(node, publics);
  if (node.op === 'Shape') {
    const { start, end } = node.attributes;
    const known = publics.get(at(node.inputs, 0))?.shape ?? shapeOf(shapes, at(node.inputs, 0));
    const sizes = known.slice(start, end);
    publics.set(output, plainTensor([sizes.length], sizes));
    return;
  }
  if (isPublicOnly(node.op) || node.inputs.some((name) => publics.has(name))) {
    const operands = node.inputs.map((name) => publics.get(name));
    if (!operands.every((operand) => operand !== undefined))
      throw new ShapeError('shape arithmetic on a value that is not public');
    publics.set(output, applyPlain(bound.op, bound.attributes, operands));
    return;
  }
  const inputs = node.inputs.map((name) => shapeOf(shapes, name));
  const call = resolveCall<OpName>(bound.op, inputs, bound.attributes as Attributes<OpName, 'model'>);
  shapes.set(output, call.outputs[0]);
  nodes.push({ ...bound, attributes: call.attributes } as unknown as ConcreteNode);
}

/** The node with the numbers of public values in place of references to them. */
function bindReferences(node: GraphNode, publics: ReadonlyMap<string, PlainTensor>): GraphNode {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([key, value]) => {
      if (!isRef(value)) return [key, value];
      const tensor = publics.get(value.value);
      if (tensor === undefined || tensor.data.length !== value.length)
        throw new ShapeError(`${key} is not a known list of ${value.length} numbers`);
      return [key, Array.from(tensor.data)];
    }),
  );
  return { ...node, attributes } as GraphNode;
}

function shapeOf(shapes: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  const shape = shapes.get(name);
  if (shape === undefined) throw new ShapeError(`the value ${JSON.stringify(name)} is not known`);
  return shape;
}
