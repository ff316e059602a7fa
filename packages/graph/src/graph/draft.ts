/**
 * A graph under construction: values, nodes and names, before they become a `ModelGraph`.
 *
 * A value is secret (depends on a graph input), public (depends on input shapes only; known once these are) or
 * constant (known now). `emit` decides by its inputs: all constant is evaluated at once, constant with public becomes
 * public arithmetic, and a constant that meets a secret value becomes a parameter.
 */
import { isRef, type PublicRef } from '../operation/attributes.js';
import { inferShapes } from '../operation/infer.js';
import { type Attributes, isPublicOnly, type OpName } from '../operation/registry.js';
import { numbersOf, withNumbersOf } from '../plain/numbers.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import { type Shape, sizeOf } from '../shape/dims.js';
import { applyPlain } from './apply-plain.js';
import type { GraphNode, Parameter } from './graph.js';
import { carriesInfinity, saturated, saturatedAttributes } from './saturate.js';

/** What arithmetic a value follows: that of numbers, of whole numbers, or of truth values. */
export type ElementKind = 'float' | 'int' | 'bool';

export interface SecretValue {
  readonly kind: 'secret';
  name: string;
  readonly type: ElementKind;
  /** undefined for the outputs of nodes that could not be converted. */
  readonly shape: Shape | undefined;
  /** Values of a weight that is trained: not known to stay, so that nothing is computed from them beforehand. */
  readonly weight?: PlainTensor;
}

export interface PublicValue {
  readonly kind: 'public';
  name: string;
  readonly type: ElementKind;
  readonly shape: Shape | undefined;
}

export interface ConstantValue {
  readonly kind: 'constant';
  name: string;
  readonly type: ElementKind;
  readonly shape: readonly number[];
  readonly tensor: PlainTensor;
}

export type Value = SecretValue | PublicValue | ConstantValue;

/** Infinite constants of a node, in whose place stand numbers that are as good as infinite. */
export interface Saturation {
  /** Name of the node. */
  readonly node: string;
  readonly op: OpName;
  /** How many numbers. */
  readonly count: number;
  /** Of what stands for them. */
  readonly size: number;
}

/** Why a node cannot be converted; becomes an issue of the report. */
export class Unsupported extends Error {}

interface DraftNodeOf<Op extends OpName> {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly attributes: Attributes<Op, 'model'>;
}

/** A node of a draft, discriminated by `op`. */
export type DraftNode = { [Op in OpName]: DraftNodeOf<Op> }[OpName];

/** Operations that move or repeat elements of all operands and add none. */
const MOVES: ReadonlySet<OpName> = new Set<OpName>([
  'Concat',
  'Expand',
  'Identity',
  'Reshape',
  'Slice',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/** Public constants travel in the architecture: they are shapes, never weights. */
const MAX_PUBLIC_CONSTANT = 256;
/** A constant may not grow beyond a multiple of what the file holds. */
const MAX_FREE_ELEMENTS = 2 ** 20;

/** A graph under construction. */
export class GraphDraft {
  readonly #names: Names;
  readonly #nodeNames = new Names();
  readonly #nodes: DraftNode[] = [];
  readonly #producers = new Map<Value, DraftNode>();
  readonly #publicConstants = new Map<ConstantValue, PublicValue>();
  readonly #buffers = new Set<Value>();

  /** @param reserved names of the ONNX file's values, never given to anything else */
  constructor(reserved: Iterable<string>) {
    this.#names = new Names(reserved);
  }

  /**
   * A value that is known now. It becomes a parameter only where a secret value meets it.
   * @param name name of the value
   * @param type what arithmetic it follows
   * @param tensor values
   * @returns the value
   */
  constant(name: string, type: ElementKind, tensor: PlainTensor): ConstantValue {
    return { kind: 'constant', name, type, shape: tensor.shape, tensor };
  }

  /**
   * A weight that is trained. It becomes a parameter where something is computed from it.
   * @param name name of the weight
   * @param tensor values to start from
   * @returns the value
   */
  weight(name: string, tensor: PlainTensor): SecretValue {
    return { kind: 'secret', name, type: 'float', shape: tensor.shape, weight: tensor };
  }

  /**
   * Says that a weight or a constant is no weight, but statistics that follow the batches.
   * @param value weight or constant
   */
  asBuffer(value: Value): void {
    this.#buffers.add(value);
  }

  /**
   * A name of a value that no other value has.
   * @param base name, to which a number is added where it is taken
   * @returns the base, or the base with a number
   */
  uniqueName(base: string): string {
    return this.#names.unique(base);
  }

  /**
   * Adds an operation, or evaluates it when everything is known.
   * @param base name, to which a number is added where it is taken
   * @param op name of the operation
   * @param inputs values of the operands
   * @param attributes attributes of the operation
   * @param type what arithmetic the result follows; by default that of the first operand
   * @returns the result
   * @throws Unsupported where the operands cannot be combined
   * @throws ShapeError where their shapes do not fit
   */
  emit<Op extends OpName>(
    base: string,
    op: Op,
    inputs: readonly Value[],
    attributes: Attributes<Op, 'model'>,
    type: ElementKind | undefined,
  ): Value {
    const first = inputs[0];
    const kind = type ?? first?.type ?? 'float';
    const secret = inputs.find((value) => value.kind === 'secret');
    if (secret !== undefined && op !== 'Shape') {
      if (isPublicOnly(op))
        throw new Unsupported(
          `${op} is possible on shapes and constants only, but ${JSON.stringify(secret.name)} depends on secret data`,
        );
      const open = inputs.find((value) => value.kind === 'public');
      if (open !== undefined)
        throw new Unsupported(
          `${JSON.stringify(open.name)} is computed from shapes and cannot be combined with secret data here`,
        );
    }
    const isPublic =
      op === 'Shape' ||
      (secret === undefined && (inputs.some(isOpen) || Object.values(attributes).some(isRef)));
    if (!isPublic && secret === undefined && inputs.length > 0)
      return this.#evaluate(base, op, inputs as readonly ConstantValue[], attributes, kind);
    const operands = isPublic && op !== 'Shape' ? inputs.map((value) => this.#publish(value)) : inputs;
    const shape = inferShape(op, operands, attributes);
    const name = this.uniqueName(base);
    const output: Value = { kind: isPublic ? 'public' : 'secret', name, type: kind, shape };
    this.#push({
      name: this.#nodeNames.unique(base),
      op,
      inputs: operands,
      output,
      attributes,
    } as DraftNode);
    return output;
  }

  /**
   * Adds a node that gives a value another name, even if the value is constant.
   * @param name name of the value
   * @param value value
   */
  carry(name: string, value: Value): void {
    const output: SecretValue = { kind: 'secret', name, type: value.type, shape: value.shape };
    if (value.name === name) value.name = this.uniqueName(name);
    const node = this.#nodeNames.unique(name);
    this.#push({ name: node, op: 'Identity', inputs: [value], output, attributes: {} });
  }

  /**
   * The node that makes a value.
   * @param value value
   * @returns the node; undefined for inputs of the graph and constants
   */
  producer(value: Value): DraftNode | undefined {
    return this.#producers.get(value);
  }

  /**
   * Whether a value is zero whatever the sizes are: what exporters write for an initial state.
   * @param value value
   * @returns true if every element is known to be zero
   */
  alwaysZero(value: Value): boolean {
    if (value.kind === 'constant') return numbersOf(value.tensor).every((v) => v === 0);
    const node = this.producer(value);
    if (value.kind === 'secret' || node === undefined) return false;
    if (node.op === 'ConstantOfShape') return node.attributes.value === 0;
    if (node.op === 'Constant') return node.attributes.values.every((v) => v === 0);
    return MOVES.has(node.op) && node.inputs.every((input) => this.alwaysZero(input));
  }

  /**
   * A one-dimensional public value as an attribute.
   * @param value value
   * @returns the attribute that refers to it
   * @throws Unsupported where its length is not known
   */
  reference(value: PublicValue): PublicRef {
    const length = value.shape?.length === 1 ? value.shape[0] : undefined;
    if (typeof length !== 'number')
      throw new Unsupported(`the number of elements of ${JSON.stringify(value.name)} must be known`);
    return { value: value.name, length };
  }

  /**
   * The nodes, parameters and known shapes, with names in place of objects. Constants meet secret values here, and leave
   * double precision: see saturate.ts. `infinite` has the names of results that hold what stands for infinity.
   */
  finish(): {
    nodes: GraphNode[];
    parameters: Map<string, Parameter>;
    shapes: Map<string, Shape>;
    saturations: Saturation[];
    infinite: ReadonlySet<string>;
  } {
    const parameters = new Map<string, Parameter>();
    const shapes = new Map<string, Shape>();
    const saturations: Saturation[] = [];
    const infinite = new Set<string>();
    const replaced = new Map<string, string>();
    const remembered = (key: string, make: () => string): string => {
      const known = replaced.get(key) ?? make();
      replaced.set(key, known);
      return known;
    };
    const nodes = this.#nodes.map(({ name, op, inputs, output, attributes: own }) => {
      const bare =
        output.kind === 'public' ? { attributes: own, count: 0, size: 0 } : saturatedAttributes(op, own);
      let { count } = bare;
      let { size } = bare;
      const nameOf = (value: Value): string => {
        let { name } = value;
        if (value.kind === 'constant') {
          // Whole numbers that a double does not hold are no masks.
          const found = value.type === 'int' ? undefined : saturated(op, value.tensor);
          if (found && found.count > 0) {
            count += found.count;
            size = found.size;
            // Another operation may take the same constant for something else.
            name = remembered(`${name} as ${size}`, () => this.uniqueName(name));
          }
          const role = this.#buffers.has(value) && { role: 'buffer' as const };
          if (!parameters.has(name))
            parameters.set(
              name,
              withNumbersOf({ shape: value.shape, ...role }, found?.tensor ?? value.tensor),
            );
        }
        if (value.kind === 'secret' && value.weight)
          parameters.set(name, { ...value.weight, role: this.#buffers.has(value) ? 'buffer' : 'weight' });
        if (value.shape !== undefined) shapes.set(name, value.shape);
        return name;
      };
      const names = inputs.map(nameOf);
      const outputName = nameOf(output);
      if (count > 0) saturations.push({ node: name, op, count, size });
      if (carriesInfinity(op) && (count > 0 || names.some((input) => infinite.has(input))))
        infinite.add(outputName);
      return {
        name,
        op,
        inputs: names,
        outputs: [outputName],
        attributes: bare.attributes,
      } as GraphNode;
    });
    return { nodes, parameters, shapes, saturations, infinite };
  }

  #push(node: DraftNode): void {
    this.#nodes.push(node);
    this.#producers.set(node.output, node);
  }

  #evaluate<Op extends OpName>(
    base: string,
    op: Op,
    inputs: readonly ConstantValue[],
    attributes: Attributes<Op, 'model'>,
    type: ElementKind,
  ): ConstantValue {
    const limit = MAX_FREE_ELEMENTS + 4 * inputs.reduce((sum, value) => sum + sizeOf(value.shape), 0);
    const operands = inputs.map((value) => value.tensor);
    const tensor = applyPlain(op, attributes, operands, (shape) => {
      if (sizeOf(shape) > limit)
        throw new Unsupported(`a constant of shape [${shape.join(', ')}] is too large`);
    });
    return this.constant(this.uniqueName(base), type, tensor);
  }

  /** A constant as an operand of public arithmetic. */
  #publish(value: Value): Value {
    if (value.kind !== 'constant') return value;
    const known = this.#publicConstants.get(value);
    if (known !== undefined) return known;
    if (sizeOf(value.shape) > MAX_PUBLIC_CONSTANT)
      throw new Unsupported(
        `constant ${JSON.stringify(value.name)} is too large to be part of shape arithmetic`,
      );
    const name = this.uniqueName(`${value.name}:public`);
    const output: PublicValue = { kind: 'public', name, type: value.type, shape: value.shape };
    const attributes = { shape: value.shape, values: Array.from(value.tensor.data) };
    this.#push({ name: this.#nodeNames.unique(name), op: 'Constant', inputs: [], output, attributes });
    this.#publicConstants.set(value, output);
    return output;
  }
}

function inferShape<Op extends OpName>(
  op: Op,
  inputs: readonly Value[],
  attributes: Attributes<Op, 'model'>,
): Shape | undefined {
  const shapes: Shape[] = [];
  for (const { shape } of inputs) {
    if (shape === undefined) return undefined;
    shapes.push(shape);
  }
  return inferShapes(op, shapes, attributes)[0];
}

function isOpen(value: Value): boolean {
  return value.kind === 'public';
}

/** Names that are taken. */
class Names {
  readonly #taken: Set<string>;
  /** For each name that was asked for again, the last number behind it. */
  readonly #last = new Map<string, number>();

  constructor(reserved: Iterable<string> = []) {
    this.#taken = new Set(reserved);
  }

  /** The base, or with a number behind it where it is taken. */
  unique(base: string): string {
    let name = base;
    let number = this.#last.get(base) ?? 0;
    while (name === '' || this.#taken.has(name)) name = `${base}:${++number}`;
    if (number > 0) this.#last.set(base, number);
    this.#taken.add(name);
    return name;
  }
}
