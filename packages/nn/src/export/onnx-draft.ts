/**
 * An ONNX model in the making: nodes in their order, constants, and parameters by name, whose values are not asked for here.
 * What cannot be written is noted, and the rest still looked at, so that all reasons are told at once.
 */
import type { Shape } from '@tacit/graph';
import type { Parameter } from '../parameter.js';

/** An attribute of a node, by its kind in ONNX. */
export type OnnxAttributeValue =
  | { readonly f: number }
  | { readonly i: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] };

/** A node of an ONNX model. */
export interface OnnxNodeDraft {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttributeValue>>;
  /** What a Constant node holds. */
  readonly constant?: {
    readonly type: 'float' | 'int64';
    readonly shape: readonly number[];
    readonly data: readonly number[];
  };
}

/** A value of an ONNX model. */
export interface OnnxValue {
  readonly name: string;
  /** Sizes, of which open ones are names; undefined where not even the number of axes is known. */
  readonly shape: Shape | undefined;
}

/** What can write itself as nodes. */
export interface OnnxWritable {
  toOnnx(draft: OnnxDraft, ...inputs: readonly OnnxValue[]): readonly OnnxValue[] | undefined;
}

/** An input or an output of the model. */
export interface OnnxSlot {
  readonly name: string;
  readonly type: 'float' | 'int64';
  readonly shape: Shape | undefined;
}

/** The operator set that nodes are written for. */
export const EXPORT_OPSET = 17;

/** An ONNX model in the making. */
export class OnnxDraft {
  readonly #nodes: OnnxNodeDraft[] = [];
  readonly #used = new Map<string, Parameter>();
  readonly #issues: string[] = [];
  readonly #names: Set<string>;
  readonly #parameterNames: ReadonlyMap<Parameter, string>;
  readonly #inputs: OnnxSlot[] = [];
  readonly #integers = new Set<string>();
  #path = '';
  /** Whether inputs of the module that is being written come from one that cannot be. */
  #behind = false;
  #silent = false;

  /**
   * Starts without nodes.
   * @param parameters names of the parameters of the model
   * @param outputs names that its outputs will have
   */
  constructor(parameters: ReadonlyMap<Parameter, string>, outputs: readonly string[]) {
    this.#parameterNames = parameters;
    this.#names = new Set([...parameters.values(), ...outputs]);
  }

  /** Nodes in their order. */
  get nodes(): readonly OnnxNodeDraft[] {
    return this.#nodes;
  }
  /** Parameters that nodes use, by name. */
  get parameters(): ReadonlyMap<string, Parameter> {
    return this.#used;
  }
  /** What cannot be written, a sentence each. */
  get issues(): readonly string[] {
    return this.#issues;
  }
  /** Inputs of the model. */
  get inputs(): readonly OnnxSlot[] {
    return this.#inputs.map((slot) => ({ ...slot, type: this.#integers.has(slot.name) ? 'int64' : 'float' }));
  }

  /**
   * Adds an input of the model.
   * @param name its name
   * @param shape its sizes
   * @returns the value
   */
  input(name: string, shape: Shape | undefined): OnnxValue {
    const own = [...this.#parameterNames.values()].includes(name) ? this.#unique(name) : name;
    this.#names.add(own);
    this.#inputs.push({ name: own, type: 'float', shape });
    return { name: own, shape };
  }

  /**
   * Adds a node with one output.
   * @param op operator of ONNX
   * @param inputs values; undefined for optional ones that are left out
   * @param attributes attributes
   * @param shape sizes of the output; by default those of the first input
   * @returns the output
   */
  add(
    op: string,
    inputs: readonly (OnnxValue | undefined)[],
    attributes: OnnxNodeDraft['attributes'] = {},
    shape: Shape | undefined = inputs[0]?.shape,
  ): OnnxValue {
    const name = this.#unique(`${this.#path}${op}`);
    const given = inputs.map((input) => input?.name ?? '');
    while (given.at(-1) === '') given.pop();
    this.#nodes.push({ op, name, inputs: given, outputs: [name], attributes });
    return { name, shape };
  }

  /**
   * A parameter as a value.
   * @param parameter parameter of the model
   * @returns the value, under the name of the parameter
   */
  parameter(parameter: Parameter): OnnxValue {
    const name = this.#parameterNames.get(parameter) ?? parameter.name;
    this.#used.set(name, parameter);
    return { name, shape: parameter.shape };
  }

  /**
   * Public numbers as a value.
   * @param data the numbers
   * @param shape sizes of the axes; by default a single number
   * @returns the value
   */
  floats(data: number | readonly number[], shape: readonly number[] = []): OnnxValue {
    return this.#constant('float', typeof data === 'number' ? [data] : data, shape);
  }

  /**
   * Whole numbers, such as a shape.
   * @param data the numbers
   * @returns the value, a vector
   */
  ints(data: readonly number[]): OnnxValue {
    return this.#constant('int64', data, [data.length]);
  }

  #constant(type: 'float' | 'int64', data: readonly number[], shape: readonly number[]): OnnxValue {
    const name = this.#unique(`${this.#path}Constant`);
    const constant = { type, shape, data };
    this.#nodes.push({ op: 'Constant', name, inputs: [], outputs: [name], attributes: {}, constant });
    return { name, shape };
  }

  /**
   * A value as indices: an input of the model holds whole numbers then.
   * @param x value
   * @returns the value, or a cast of it
   */
  indices(x: OnnxValue): OnnxValue {
    const used = this.#nodes.some(({ inputs }) => inputs.includes(x.name));
    if (!used && this.#inputs.some(({ name }) => name === x.name)) this.#integers.add(x.name);
    if (this.#integers.has(x.name)) return x;
    return this.add('Cast', [x], { to: { i: 7 } });
  }

  /**
   * The nodes of a module in this one.
   * @param name its name there
   * @param module module
   * @param inputs its inputs
   * @returns its outputs; where it cannot be written, values that stand for them
   */
  within(name: string, module: OnnxWritable, inputs: readonly OnnxValue[]): readonly OnnxValue[] {
    const before = this.#path;
    this.#path = name === '' ? before : `${before}${name}/`;
    const known = this.#issues.length;
    const behind = this.#behind;
    this.#behind = inputs.some((input) => input.name === '');
    this.#silent = false;
    const outputs = module.toOnnx(this, ...inputs);
    if (!outputs && this.#issues.length === known && !this.#silent)
      this.refuse('it does not say how, by toOnnx');
    const nothing = this.#behind || !outputs;
    this.#behind = behind;
    this.#silent = false;
    if (!outputs || this.#issues.length > known)
      this.#issues.splice(
        known,
        Infinity,
        ...this.#issues
          .slice(known)
          .map((issue) => (issue.startsWith('"') ? issue : this.#named(module, issue))),
      );
    this.#path = before;
    return nothing ? [{ name: '', shape: undefined }] : outputs;
  }

  #named(module: OnnxWritable, issue: string): string {
    const path = this.#path.slice(0, -1).replaceAll('/', '.');
    return `"${path}" (${module.constructor.name}): ${issue}`;
  }

  /**
   * Notes why a module cannot be written.
   * @param reason what is in the way
   * @returns nothing, for the module to return
   */
  refuse(reason: string): undefined {
    this.#issues.push(reason);
    return undefined;
  }

  /**
   * Notes what is not known of an input, unless that comes of a module before, which cannot be written.
   * @param what what is not known
   * @returns nothing, for the module to return
   */
  unknown(what: string): undefined {
    if (this.#behind) this.#silent = true;
    else this.refuse(`${what}: give inputShape`);
    return undefined;
  }

  /**
   * Gives outputs of the model their names.
   * @param outputs values
   * @param names their names
   * @returns the outputs of the model
   */
  finish(outputs: readonly OnnxValue[], names: readonly string[]): readonly OnnxSlot[] {
    return outputs.map((value, i) => {
      const taken = this.#inputs.some((slot) => slot.name === names[i]) || this.#used.has(names[i]);
      const name = taken ? this.#unique(names[i]) : names[i];
      this.#nodes.push({ op: 'Identity', name, inputs: [value.name], outputs: [name], attributes: {} });
      return { name, type: 'float', shape: value.shape };
    });
  }

  #unique(base: string): string {
    let name = base;
    for (let i = 1; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }
}
