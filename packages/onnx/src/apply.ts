/** One operation on known values: what constant folding, public arithmetic and the plain interpreter share. */
import { ModelShapeError } from './errors.js';
import type { ConcreteNode, ConcreteOpName, GraphNode, OpAttributesMap, OpName } from './graph.js';
import type { PlainTensor } from './plain-tensor.js';
import { graphOperator } from './registry.js';
import { isNumeric } from './shapes.js';

/**
 * The concrete form of a node.
 * @param output the shape that `infer` gave
 */
export function concretize(
  node: GraphNode,
  inputs: readonly (readonly number[])[],
  output: readonly number[],
): ConcreteNode {
  return resolveAs(node.op, node, inputs, output);
}

function resolveAs<Op extends OpName>(
  op: Op,
  node: GraphNode,
  inputs: readonly (readonly number[])[],
  output: readonly number[],
): ConcreteNode {
  const { resolve } = graphOperator(op);
  // `op` is the node's own, and operators without `resolve` have no attributes that could be open.
  if (resolve === undefined) return node as ConcreteNode;
  return resolve(node as Extract<GraphNode, { op: Op }>, inputs, output);
}

/** Value of a concrete node. */
export function evaluateNode(node: ConcreteNode, inputs: readonly PlainTensor[]): PlainTensor {
  return evaluateAs<ConcreteOpName>(node.op, node.attributes, inputs);
}

function evaluateAs<Op extends OpName>(
  op: Op,
  attributes: OpAttributesMap<'concrete'>[Op],
  inputs: readonly PlainTensor[],
): PlainTensor {
  return graphOperator(op).evaluate(inputs, attributes);
}

/** Shape and value of an operation whose inputs are known and whose attributes hold no reference. */
export function applyOperation<Op extends OpName>(
  op: Op,
  attributes: OpAttributesMap[Op],
  inputs: readonly PlainTensor[],
  checkShape: (shape: readonly number[]) => void = () => undefined,
): PlainTensor {
  const shapes = inputs.map((input) => input.shape);
  const shape = graphOperator(op).infer(shapes, attributes);
  // Range learns its length only from its values.
  if (isNumeric(shape)) checkShape(shape);
  else if (op !== 'Range') throw new ModelShapeError(`the shape of a constant ${op} is not known`);
  const node = { name: '', op, inputs: [], outputs: [], attributes } as unknown as GraphNode;
  return evaluateNode(concretize(node, shapes, isNumeric(shape) ? shape : []), inputs);
}
