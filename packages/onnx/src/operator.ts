/**
 * What a file under `operators/` provides. A `GraphOperator` says what a node of the graph means (attributes, shapes,
 * values); an `OnnxOperator` says how an operator of ONNX becomes nodes. Both are listed in `registry.ts`.
 */
import type { ConcreteNode, GraphNode, OpAttributesMap, OpName, Shape } from './graph.js';
import type { NodeContext } from './node-context.js';
import type { PlainTensor } from './plain-tensor.js';

/**
 * Kinds of attributes, as checked when an architecture arrives from somebody else: 'sizes' are integers >= 1, 'axes'
 * integers >= 0, 'ints' any integers, 'pads' ints or a SAME mode, 'public' ints or a reference to a public value,
 * 'limit' a number or null, an array is a choice of strings.
 */
export type AttributeKind =
  | 'int'
  | 'size'
  | 'axis'
  | 'sizes'
  | 'axes'
  | 'ints'
  | 'numbers'
  | 'number'
  | 'bool'
  | 'pads'
  | 'public'
  | 'limit'
  | readonly string[];

/** Where a value of a node's input comes from decides what may be done with it. */
export interface GraphOperator<Op extends OpName> {
  readonly op: Op;
  /** One line for the table of operators. */
  readonly summary: string;
  readonly attributes: { readonly [K in keyof OpAttributesMap[Op]]-?: AttributeKind };
  /** Least and greatest number of inputs. */
  readonly arity: readonly [number, number];
  /** Input positions that must be parameters. */
  readonly parameters?: readonly number[];
  /** Shapes of the outputs; numeric if the inputs are. Throws `ModelShapeError`. */
  infer(inputs: readonly Shape[], attributes: OpAttributesMap[Op]): Shape;
  /** Values of the output; shapes have been checked by `infer`. */
  evaluate(inputs: readonly PlainTensor[], attributes: OpAttributesMap<'concrete'>[Op]): PlainTensor;
  /** The node for a concrete graph, when that differs from the node itself; shapes are numeric. */
  resolve?(
    node: Extract<GraphNode, { op: Op }>,
    inputs: readonly (readonly number[])[],
    output: readonly number[],
  ): ConcreteNode;
}

/** How an operator of ONNX becomes nodes of the graph. */
export interface OnnxOperator {
  readonly name: string;
  /** First and last version of the standard operator set for which `convert` is right. */
  readonly opsets: readonly [number, number];
  /** What is supported, in one line, for the table of operators. */
  readonly note: string;
  convert(context: NodeContext): void;
}

/** First and last operator set versions that this package reads. */
export const MIN_OPSET = 7;
export const MAX_OPSET = 24;
export const ALL_OPSETS: readonly [number, number] = [MIN_OPSET, MAX_OPSET];
