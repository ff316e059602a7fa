/**
 * The public half of a model: everything but the values of its parameters, as JSON. A party that does not own the model
 * builds the same graph from it. It is untrusted input: every field is checked, and shapes are
 * inferred again, not taken over.
 */
import { ShapeError } from '@tacit/errors';
import { type AttributeKind, isAttribute, isRef } from '../operation/attributes.js';
import { definitionOf, isOpName } from '../operation/registry.js';
import type { Shape } from '../shape/dims.js';
import { ArchitectureError, ModelShapeError } from './errors.js';
import type { ConcreteGraph, GraphNode, ModelGraph, ParameterSlot } from './graph.js';
import { specialize } from './specialize.js';

export interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Architecture<Stage extends string, D> {
  readonly format: 'tacit-architecture';
  readonly version: 1;
  readonly stage: Stage;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly D[];
    readonly type?: 'int' | 'bool';
  }[];
  readonly outputs: readonly { readonly name: string }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly scales?: readonly number[];
    readonly role?: 'weight' | 'buffer';
  }[];
  readonly nodes: readonly NodeJson[];
}

/** Of a `ModelGraph`: input sizes may be symbolic. */
export type ModelArchitecture = Architecture<'model', number | string>;
/** Of a `ConcreteGraph`: every size is a number. */
export type ConcreteArchitecture = Architecture<'concrete', number>;
export type ArchitectureJson = ModelArchitecture | ConcreteArchitecture;

/**
 * Everything of a graph but the values of its parameters; `JSON.stringify` takes it as it is.
 * @param graph a graph with open or with known sizes
 * @returns its public half
 * @example const json = JSON.stringify(architectureOf(graph));
 */
export function architectureOf(graph: ConcreteGraph<ParameterSlot>): ConcreteArchitecture;
export function architectureOf(graph: ModelGraph<ParameterSlot>): ModelArchitecture;
export function architectureOf(
  graph: ModelGraph<ParameterSlot> | ConcreteGraph<ParameterSlot>,
): ArchitectureJson {
  const common = {
    format: 'tacit-architecture',
    version: 1,
    outputs: graph.outputs.map(({ name }) => ({ name })),
    parameters: Array.from(graph.parameters, ([name, { shape, scales, role }]) => ({
      name,
      shape: [...shape],
      ...(scales && { scales: [...scales] }),
      ...(role && { role }),
    })),
    nodes: graph.nodes.map(({ name, op, inputs, outputs, attributes }) => ({
      name,
      op,
      inputs: [...inputs],
      outputs: [...outputs],
      attributes: encodeAttributes(attributes),
    })),
  } as const;
  if ('shapes' in graph)
    return {
      ...common,
      stage: 'concrete',
      inputs: graph.inputs.map((input) => ({ ...input, shape: [...input.shape] })),
    };
  return {
    ...common,
    stage: 'model',
    inputs: graph.inputs.map((input) => ({ ...input, shape: [...input.shape] })),
  };
}

/** JSON has no infinities, which bounds of slices may be. */
function encodeAttributes(attributes: object): Record<string, unknown> {
  const encode = (value: unknown): unknown => {
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    if (Array.isArray(value)) return value.map(encode);
    return isRef(value) ? { value: value.value, length: value.length } : value;
  };
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, encode(value)]));
}

/**
 * The graph without weights that an architecture describes.
 * @param json as from `architectureOf`, possibly through JSON, from a party that need not be trusted
 * @returns the graph, with shapes of parameters in place of their values
 * @throws ArchitectureError when it is not a well-formed architecture
 * @example const graph = graphFromArchitecture(JSON.parse(text));
 */
export function graphFromArchitecture(json: ConcreteArchitecture): ConcreteGraph<ParameterSlot>;
export function graphFromArchitecture(json: ModelArchitecture): ModelGraph<ParameterSlot>;
export function graphFromArchitecture(
  json: ArchitectureJson,
): ModelGraph<ParameterSlot> | ConcreteGraph<ParameterSlot>;
export function graphFromArchitecture(
  json: ArchitectureJson,
): ModelGraph<ParameterSlot> | ConcreteGraph<ParameterSlot> {
  const top = record(json, 'the architecture');
  if (top.format !== 'tacit-architecture' || top.version !== 1)
    throw new ArchitectureError('This is not an architecture of version 1.');
  const concrete = top.stage === 'concrete';
  if (!concrete && top.stage !== 'model')
    throw new ArchitectureError('The architecture has an unknown stage.');
  const defined = new Set<string>();
  const define = (value: unknown, where: string): string => {
    const name = text(value, where);
    if (defined.has(name)) throw new ArchitectureError(`Two values are called ${JSON.stringify(name)}.`);
    defined.add(name);
    return name;
  };
  const inputs = list(top.inputs, 'inputs').map((entry) => {
    const { name, shape, type } = record(entry, 'an input');
    if (type !== undefined && type !== 'int' && type !== 'bool')
      throw new ArchitectureError(`The type of an input is ${JSON.stringify(type)}.`);
    const slot = { name: define(name, 'an input'), shape: readShape(shape, !concrete) };
    return type === undefined ? slot : { ...slot, type: type as 'int' | 'bool' };
  });
  const parameters = new Map<string, ParameterSlot>();
  for (const entry of list(top.parameters, 'parameters')) {
    const { name, shape, scales, role } = record(entry, 'a parameter');
    if (role !== undefined && role !== 'weight' && role !== 'buffer')
      throw new ArchitectureError(`The role of a parameter is ${JSON.stringify(role)}.`);
    const sizes = readShape(shape, false) as readonly number[];
    parameters.set(define(name, 'a parameter'), {
      shape: sizes,
      ...(scales !== undefined && { scales: readScales(scales) }),
      ...(role !== undefined && { role: role as 'weight' | 'buffer' }),
    });
  }
  const nodes = list(top.nodes, 'nodes').map((entry) => readNode(entry, defined, define));
  const outputs = list(top.outputs, 'outputs').map((entry) => {
    const name = text(record(entry, 'an output').name, 'an output');
    if (!defined.has(name)) throw new ArchitectureError(`Nothing makes output ${JSON.stringify(name)}.`);
    return { name };
  });
  const graph: ModelGraph<ParameterSlot> = { inputs, outputs, nodes, parameters };
  if (!concrete) return graph;
  try {
    const result = specialize(graph);
    if (result.nodes.length !== nodes.length)
      throw new ArchitectureError('The architecture is not concrete: it has shape arithmetic.');
    return result;
  } catch (error) {
    if (error instanceof ModelShapeError || error instanceof ShapeError)
      throw new ArchitectureError(`The architecture contradicts itself. ${error.message}`);
    throw error;
  }
}

function readNode(
  entry: unknown,
  defined: ReadonlySet<string>,
  define: (value: unknown, where: string) => string,
): GraphNode {
  const json = record(entry, 'a node');
  const name = text(json.name, 'a node');
  const where = `node ${JSON.stringify(name)}`;
  const op = text(json.op, where);
  if (!isOpName(op)) throw new ArchitectureError(`Unknown operation ${JSON.stringify(op)} in ${where}.`);
  const operator = definitionOf(op);
  const inputs = list(json.inputs, where).map((value) => text(value, where));
  const [least, most] = operator.arity;
  const valid =
    inputs.length >= least && inputs.length <= most && inputs.every((input) => defined.has(input));
  if (!valid) throw new ArchitectureError(`The inputs of ${where} are not those of ${op}.`);
  const given = record(json.attributes, where);
  const attributes: Record<string, unknown> = {};
  for (const [key, kind] of Object.entries<AttributeKind>(operator.attributes)) {
    const value = Object.hasOwn(given, key) ? decode(given[key]) : undefined;
    const reference = isRef(value) && defined.has(value.value);
    if (!isAttribute(value, kind) || (isRef(value) && !reference))
      throw new ArchitectureError(`Attribute ${key} of ${where} is not what ${op} needs.`);
    attributes[key] = value;
  }
  if (Object.keys(given).length !== Object.keys(attributes).length)
    throw new ArchitectureError(`Unknown attributes in ${where}.`);
  const outputs = list(json.outputs, where);
  if (outputs.length !== 1) throw new ArchitectureError(`${op} has one output, unlike ${where}.`);
  return { name, op, inputs, outputs: [define(outputs[0], where)], attributes } as unknown as GraphNode;
}

function decode(value: unknown): unknown {
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  return Array.isArray(value) ? value.map(decode) : value;
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function readShape(value: unknown, symbols: boolean): Shape {
  return list(value, 'a shape').map((dim) => {
    if (isCount(dim, 0)) return dim;
    if (symbols && typeof dim === 'string') return dim;
    throw new ArchitectureError(`A size is ${JSON.stringify(dim)}.`);
  });
}

/** One or two rising numbers of fraction bits. */
function readScales(value: unknown): readonly number[] {
  const scales = list(value, 'scales') as readonly number[];
  const valid = scales.length >= 1 && scales.length <= 2 && scales.every((s) => isCount(s, 0) && s <= 61);
  if (!valid || scales[0] >= (scales[1] ?? Infinity))
    throw new ArchitectureError(`The scales of a parameter are ${JSON.stringify(value)}.`);
  return scales;
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ArchitectureError(`Expected an object for ${where}.`);
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ArchitectureError(`Expected a list for ${where}.`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new ArchitectureError(`Expected text for ${where}.`);
  return value;
}
