/**
 * What an `OnnxOperator` sees of the node that it converts: inputs, attributes with defaults, and the means to emit
 * nodes of the graph. Attributes that are never asked for are reported as unsupported.
 */
import {
  type Attributes,
  type DraftNode,
  type GraphDraft,
  normalizeAxes,
  type OpName,
  type PlainTensor,
  type PublicRef,
  type Shape,
  Unsupported,
  type Value,
} from '@tacit/graph';
import type { ElementKind, OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './onnx-model.js';

import type { Grid, Quantizations, Quantized } from './quantization.js';

/** Longer lists and larger constants than these are not made on import. */
const MAX_MADE = 2 ** 22;

/** Thrown where a node depends on one that has been reported already: its own report would be noise. */
export class Poisoned extends Error {}

export class NodeContext {
  readonly node: OnnxNode;
  readonly opset: number;
  /** Whether the graph is to be trained. */
  readonly trainable: boolean;
  readonly #label: string;
  readonly #draft: GraphDraft;
  readonly #values: Map<string, Value>;
  readonly #reject: (reason: string) => void;
  readonly #inline: (graph: OnnxGraph, inputs: readonly Value[]) => readonly Value[];
  readonly #quantizations: Quantizations;
  readonly #used: ReadonlySet<string>;
  readonly #asked = new Set<string>();

  constructor(
    node: OnnxNode,
    label: string,
    opset: number,
    draft: GraphDraft,
    values: Map<string, Value>,
    reject: (reason: string) => void,
    inline: (graph: OnnxGraph, inputs: readonly Value[]) => readonly Value[],
    quantizations: Quantizations,
    trainable: boolean,
    used: ReadonlySet<string>,
  ) {
    this.trainable = trainable;
    this.#used = used;
    this.node = node;
    this.opset = opset;
    this.#label = label;
    this.#draft = draft;
    this.#values = values;
    this.#reject = reject;
    this.#inline = inline;
    this.#quantizations = quantizations;
  }

  /** Reports a reason and goes on, so that further ones are found. */
  reject(reason: string): void {
    this.#reject(reason);
  }

  /** Reports a reason and gives up on this node. */
  fail(reason: string): never {
    throw new Unsupported(reason);
  }

  /** Gives up where something that has to be made on import, such as a list of places, would be too large. */
  checkCount(count: number, what: string): void {
    if (!(count >= 0 && count <= MAX_MADE)) this.fail(`${what} would have ${count} elements`);
  }

  /** Number of inputs, left-out ones included. */
  get inputCount(): number {
    return this.node.inputs.length;
  }

  /** Input `index`, or undefined when it is left out. */
  optional(index: number): Value | undefined {
    const name = this.node.inputs[index];
    return name === undefined || name === '' ? undefined : this.#values.get(name);
  }

  input(index: number): Value {
    return this.optional(index) ?? this.fail(`input ${index} is missing`);
  }

  shape(value: Value): Shape {
    if (value.shape === undefined) throw new Poisoned();
    return value.shape;
  }

  rank(value: Value): number {
    return this.shape(value).length;
  }

  /** A value that must be known now. */
  constant(value: Value, what: string): PlainTensor {
    if (value.kind === 'constant') return value.tensor;
    // What an operator has to know is no weight there.
    if (value.kind === 'secret' && value.weight) return value.weight;
    if (value.shape === undefined) throw new Poisoned();
    return this.fail(`${what} must be constant, but is computed by the model`);
  }

  /** A value as it is, but a weight as a constant: for operators that treat constants apart and train nothing. */
  stored(value: Value): Value {
    if (value.kind !== 'secret' || !value.weight) return value;
    return this.#draft.constant(value.name, value.type, value.weight);
  }

  /** The one element of a constant. */
  scalar(value: Value, what: string): number {
    const { data } = this.constant(value, what);
    const element = data[0];
    return data.length === 1 && element !== undefined
      ? element
      : this.fail(`${what} must be a single number`);
  }

  /** A constant list of integers. */
  constantInts(value: Value, what: string): number[] {
    return Array.from(this.constant(value, what).data);
  }

  /** A list of integers that is known, or will be once the input shapes are. */
  publicInts(value: Value, what: string): readonly number[] | PublicRef {
    if (value.kind === 'constant') return Array.from(value.tensor.data);
    if (value.kind === 'secret' && value.weight) return Array.from(value.weight.data);
    if (value.shape === undefined) throw new Poisoned();
    if (value.kind === 'public') return this.#draft.reference(value);
    return this.fail(`${what} depends on secret data; it must follow from constants and shapes`);
  }

  /** Axes, made non-negative and sorted. */
  axes(axes: readonly number[], rank: number): number[] {
    return normalizeAxes(axes, rank);
  }

  /** Whether a value is zero whatever the sizes are. */
  alwaysZero(value: Value): boolean {
    return this.#draft.alwaysZero(value);
  }

  has(name: string): boolean {
    return this.node.attributes.has(name);
  }

  int(name: string, standard: number): number {
    return this.#attribute(name, 'int')?.value ?? standard;
  }

  float(name: string, standard: number): number {
    return this.#attribute(name, 'float')?.value ?? standard;
  }

  string(name: string, standard: string): string {
    return this.#attribute(name, 'string')?.value ?? standard;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute(name, 'ints')?.value;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attribute(name, 'floats')?.value;
  }

  strings(name: string): readonly string[] | undefined {
    return this.#attribute(name, 'strings')?.value;
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.#attribute(name, 'tensor')?.value;
  }

  graph(name: string): OnnxGraph | undefined {
    return this.#attribute(name, 'graph')?.value;
  }

  /** Converts the nodes of a graph in an attribute in place of this one, of as many inputs as it has; its outputs. */
  inline(graph: OnnxGraph, inputs: readonly Value[] = []): readonly Value[] {
    return this.#inline(graph, inputs);
  }

  /** An attribute that makes no difference here. */
  ignore(...names: string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  /** Names of attributes that were never read. */
  unasked(): string[] {
    return [...this.node.attributes.keys()].filter((name) => !this.#asked.has(name));
  }

  emit<Op extends OpName>(
    op: Op,
    inputs: readonly Value[],
    attributes: Attributes<Op, 'model'>,
    type?: ElementKind,
  ): Value {
    return this.#draft.emit(this.#label, op, inputs, attributes, type);
  }

  /** A constant computed during conversion. */
  makeConstant(suffix: string, tensor: PlainTensor, type: ElementKind = 'float'): Value {
    return this.#draft.constant(this.#draft.uniqueName(`${this.#label}.${suffix}`), type, tensor);
  }

  /** Sets output `index`. A value made by this node takes the output's name. */
  result(value: Value, index = 0): void {
    const name = this.node.outputs[index];
    if (name === undefined || name === '') return;
    if (!this.node.inputs.some((input) => this.#values.get(input) === value)) value.name = name;
    this.#values.set(name, value);
  }

  /** Whether anything follows from output `index`. */
  isUsed(index: number): boolean {
    return this.#used.has(this.node.outputs[index] ?? '');
  }

  /** Marks a weight or a constant as statistics that follow the batches. */
  asBuffer(value: Value): void {
    this.#draft.asBuffer(value);
  }

  /** A weight of its own where the file uses another one's values: exporters store equal ones once. */
  untied(value: Value): Value {
    const [name] = this.node.outputs;
    return value.kind === 'secret' && value.weight && name ? this.#draft.weight(name, value.weight) : value;
  }

  /** The operation that makes a value; undefined where it is no result of one. */
  producer(value: Value): DraftNode | undefined {
    return this.#draft.producer(value);
  }

  /** The quantisation of a value, if it has one. */
  quantized(value: Value): Quantized | undefined {
    return this.#quantizations.of(value);
  }

  /** The number of the element type that the file gives a constant. */
  elementType(value: Value): number | undefined {
    return this.#quantizations.typeOf(value);
  }

  /** Notes the element type of a constant. */
  typed(value: Value, dataType: number): Value {
    this.#quantizations.noteType(value, dataType);
    return value;
  }

  /** A constant that stands for a number that the model would compute: it may not be an output. */
  standIn(suffix: string, tensor: PlainTensor, type: ElementKind = 'float'): Value {
    const value = this.makeConstant(suffix, tensor, type);
    this.#quantizations.standIn(value);
    return value;
  }

  /** Sets output 0 to integers on a grid, which stand for a value. */
  resultQuantized(of: Value, grid: Grid): void {
    this.#quantizations.count++;
    this.result(this.#quantizations.quantize(this.#draft, `${this.#label}:quantized`, of, grid));
  }

  /** Sets output `index` to a value that keeps its own name: it is also something else. */
  forward(value: Value, index = 0): void {
    const name = this.node.outputs[index];
    if (name !== undefined && name !== '') this.#values.set(name, value);
  }

  #attribute<T extends OnnxAttribute['type']>(
    name: string,
    type: T,
  ): Extract<OnnxAttribute, { type: T }> | undefined {
    this.#asked.add(name);
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) {
      this.reject(`attribute ${JSON.stringify(name)} should be ${type}, but is ${attribute.type}`);
      return undefined;
    }
    return attribute as Extract<OnnxAttribute, { type: T }>;
  }
}
