/**
 * The graph: what a network computes, free of ONNX versions, of parties and of protocols.
 *
 * `ModelGraph` may have symbolic dimensions and nodes of public shape arithmetic (`PublicOpName`); `ConcreteGraph` has
 * neither: every value has a known shape and every attribute is a number. All attributes are explicit.
 *
 * Values are named by strings. An input of a node names a graph input, the output of an earlier node, or a parameter.
 * Parameters (weights, in double precision) are the secret part of a model; everything else is its architecture.
 */
import type { Stage } from '../operation/attributes.js';
import type { Attributes, ConcreteOpName, OpName } from '../operation/registry.js';
import type { Shape } from '../shape/dims.js';

interface NodeOf<Op extends OpName, S extends Stage> {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes<Op, S>;
}

/** A node, discriminated by `op`. */
export type GraphNode = { [Op in OpName]: NodeOf<Op, 'model'> }[OpName];
/** A node of a concrete graph, discriminated by `op`. */
export type ConcreteNode = { [Op in ConcreteOpName]: NodeOf<Op, 'concrete'> }[ConcreteOpName];

/** What every party knows of a parameter. */
export interface ParameterSlot {
  readonly shape: readonly number[];
  /** Fraction bits of the terms that stand for it, where they are not those of every value: chosen by the owner, public. */
  readonly scales?: readonly number[];
  readonly data?: Float64Array;
  /** What it is where the graph is trained: a weight, or statistics that follow the batches. Default: a constant. */
  readonly role?: 'weight' | 'buffer';
}

/** What the owner of the model knows. */
export interface Parameter extends ParameterSlot {
  readonly data: Float64Array;
}

/** What every party knows of an input. */
export interface InputSlot<S extends Shape = Shape> {
  readonly name: string;
  readonly shape: S;
  /** Where it holds no fractions: whole numbers, such as indices, or truth values. */
  readonly type?: 'int' | 'bool';
}

/** A checked network. `P` is `Parameter` for the owner and `ParameterSlot` for those who know only the architecture. */
export interface ModelGraph<P extends ParameterSlot = Parameter> {
  readonly inputs: readonly InputSlot[];
  readonly outputs: readonly { readonly name: string }[];
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  readonly parameters: ReadonlyMap<string, P>;
}

/** A network for given input shapes. */
export interface ConcreteGraph<P extends ParameterSlot = Parameter> {
  readonly inputs: readonly InputSlot<readonly number[]>[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly nodes: readonly ConcreteNode[];
  readonly parameters: ReadonlyMap<string, P>;
  /** Shape of every value: inputs, parameters, outputs of nodes. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}
