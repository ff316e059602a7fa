/**
 * A graph of operations as a module: what a model file becomes. A value is freed after its last use, so memory stays at
 * what the widest place of the network needs.
 */
import { ArgumentError } from '@tacit/errors';
import {
  type Backend,
  type ConcreteGraph,
  type ConcreteNode,
  type ConcreteOpName,
  definitionOf,
  evaluateGraph,
  numbersOf,
  type ParameterSlot,
} from '@tacit/graph';
import { backendValue, type Context, CrypTensor, type PrivateValue, secretOf } from '@tacit/tensor';
import { graphNode } from './export/graph-nodes.js';
import type { OnnxDraft, OnnxValue } from './export/onnx-draft.js';
import { Module } from './module.js';
import { normalizedByBatch, normalizedByRunning, RunningInverse } from './modules/batch-norm.js';
import { ModuleBuffer, Parameter } from './parameter.js';

/** Operands of operations that only multiply them by what is secret: the large weights of a network. */
const WEIGHTS: Readonly<Partial<Record<ConcreteOpName, readonly number[]>>> = {
  Conv: [1],
  ConvTranspose: [1],
  Linear: [1],
  Lookup: [0],
  MatMul: [0, 1],
};

/** A graph of operations as a module. */
export class Graph extends Module {
  readonly #byName: ReadonlyMap<string, Parameter>;
  /** By the node that normalises. */
  readonly #inverses = new Map<ConcreteNode, RunningInverse>();
  readonly #backends = new WeakMap<Context, Backend<PrivateValue>>();

  /** What is computed. Weights are in the parameters of the module. */
  readonly graph: ConcreteGraph<ParameterSlot>;

  /**
   * A network that is not encrypted yet.
   * @param graph with the weights at their owner, without them elsewhere
   * @param parameters parameters of another module that are to be this one's, too; by default new ones
   */
  constructor(graph: ConcreteGraph<ParameterSlot>, parameters?: ReadonlyMap<string, Parameter>) {
    super();
    const slots = Array.from(
      graph.parameters,
      ([name, { shape, scales, role }]) => [name, { shape, scales, role }] as const,
    );
    this.graph = { ...graph, parameters: new Map(slots) };
    this.#byName =
      parameters ?? new Map(Array.from(graph.parameters, ([name, slot]) => [name, parameterOf(name, slot)]));
  }

  override *members(): Generator<[string, Parameter]> {
    yield* this.#byName;
  }

  /**
   * The same network with other outputs: values between the nodes, to look into it. Both have the same parameters.
   * @param names values of the graph: names of inputs or of outputs of nodes
   * @returns a network that is encrypted where this one is
   * @throws ArgumentError where there is no such value
   * @example const features = model.withOutputs('relu_3').forward(x);
   */
  withOutputs(...names: readonly string[]): Graph {
    const { inputs, nodes, shapes } = this.graph;
    const known = new Set([...inputs.map(({ name }) => name), ...nodes.flatMap((node) => node.outputs)]);
    const outputs = names.map((name) => {
      const shape = shapes.get(name) ?? inputs.find((input) => input.name === name)?.shape;
      if (!known.has(name) || !shape) throw new ArgumentError(`the network has no value '${name}'`);
      return { name, shape };
    });
    const wanted = new Set(names);
    // Nodes are in order: what a later one needs is made by an earlier one.
    const needed = [...nodes].reverse().filter((node) => {
      const used = node.outputs.some((name) => wanted.has(name));
      if (used) for (const name of node.inputs) wanted.add(name);
      return used;
    });
    return new Graph({ ...this.graph, nodes: needed.reverse(), outputs }, this.#byName);
  }

  /**
   * The same network for inputs of other shapes, with the parameters of this one: what is encrypted, and masked, stays so.
   * @param graph of the same model, specialised for other shapes
   * @returns the network; undefined where its parameters are not those of this one, since some depend on shapes
   * @example const larger = model.reshaped(specialize(graph, { image: [32, 1, 28, 28] }));
   */
  reshaped(graph: ConcreteGraph<ParameterSlot>): Graph | undefined {
    const same =
      graph.parameters.size === this.graph.parameters.size &&
      [...graph.parameters].every(([name, { shape }]) => {
        const own = this.graph.parameters.get(name)?.shape;
        return own?.length === shape.length && own.every((size, axis) => size === shape[axis]);
      });
    if (!same) return undefined;
    const other = new Graph(graph, this.#byName);
    const masked = new Set(this.multiplied());
    return [...other.multiplied()].every((parameter) => masked.has(parameter)) ? other : undefined;
  }

  /**
   * Another network that has some of this one's parameters: what of them is encrypted, and masked, stays so.
   * @param graph what it computes
   * @param names of parameters that are the same in both
   * @returns the network; its other parameters are not encrypted yet
   * @throws ArgumentError where a name is none of both, or the shapes differ
   * @example model.sharing(specialize(longer, { words: [1, 32] }), new Set(['embedding.weight']));
   */
  sharing(graph: ConcreteGraph<ParameterSlot>, names: ReadonlySet<string>): Graph {
    for (const name of names) {
      const [own, other] = [this.graph.parameters.get(name)?.shape, graph.parameters.get(name)?.shape];
      if (!own || String(own) !== String(other))
        throw new ArgumentError(`the parameter '${name}' has the shapes [${own}] and [${other}]`);
    }
    const parameters = Array.from(graph.parameters, ([name, slot]): [string, Parameter] => {
      const own = names.has(name) ? this.#byName.get(name) : undefined;
      return [name, own ?? parameterOf(name, slot)];
    });
    return new Graph(graph, new Map(parameters));
  }

  get inputNames(): readonly string[] {
    return this.graph.inputs.map(({ name }) => name);
  }
  get outputNames(): readonly string[] {
    return this.graph.outputs.map(({ name }) => name);
  }

  override toOnnx(draft: OnnxDraft, ...inputs: readonly OnnxValue[]): readonly OnnxValue[] | undefined {
    const { graph } = this;
    const values = new Map<string, OnnxValue>();
    // Sizes are those that the graph was made for, also where the file leaves them open.
    graph.inputs.forEach(({ name, shape }, i) => {
      if (inputs[i]) values.set(name, { name: inputs[i].name, shape });
    });
    const valueNamed = (name: string): OnnxValue => {
      const known = values.get(name);
      const parameter = this.#byName.get(name);
      return known ?? (parameter ? draft.parameter(parameter) : { name: '', shape: graph.shapes.get(name) });
    };
    const refused = draft.issues.length;
    for (const node of graph.nodes) {
      const [output] = node.outputs;
      const made = graphNode(draft, node, node.inputs.map(valueNamed), graph.shapes.get(output) ?? []);
      if (made) values.set(output, made);
    }
    return draft.issues.length > refused ? undefined : graph.outputs.map(({ name }) => valueNamed(name));
  }

  override *multiplied(): Generator<Parameter> {
    const found = new Set<Parameter>();
    for (const { op, inputs } of this.graph.nodes)
      for (const position of definitionOf(op).factors ?? []) {
        const parameter = this.#byName.get(inputs[position]);
        if (parameter) found.add(parameter);
      }
    yield* found;
  }

  /**
   * Lets go of the numbers of weights that are multiplied only, at their owner; call it after `prepare()`. A large model
   * takes a third less memory there then, and cannot be encrypted again.
   * @example await model.encrypt(party, { src: 0 }).prepare(); model.forget();
   */
  forget(): void {
    const kept = new Set(this.outputNames);
    for (const { op, inputs } of this.graph.nodes)
      inputs.forEach((name, position) => {
        if (!WEIGHTS[op]?.includes(position)) kept.add(name);
      });
    for (const [name, parameter] of this.#byName) if (!kept.has(name)) parameter.forget();
  }

  /**
   * The first output.
   * @param inputs one tensor for each input of the graph, in its order
   * @returns a handle, at once
   * @throws InputShapeError where an input is missing or has another shape
   */
  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    const [first, ...others] = this.forwardAll(...inputs);
    for (const output of others) output.dispose();
    return first;
  }

  /**
   * All outputs, in the order of the graph's.
   * @param inputs one tensor for each input of the graph, in its order
   * @returns a handle for each output, at once
   * @throws InputShapeError where an input is missing or has another shape
   */
  override forwardAll(...inputs: readonly CrypTensor[]): CrypTensor[] {
    const [{ context }] = inputs;
    const given = Object.fromEntries(
      inputs.map((x, i) => [this.graph.inputs[i]?.name ?? `input ${i}`, x.value]),
    );
    const parameters = new Map(
      Array.from(this.#byName, ([name, parameter]) => [name, backendValue(parameter.operand)]),
    );
    const results = evaluateGraph(this.graph, this.#backend(context), given, parameters);
    const known = new Set<unknown>([...inputs.map(({ value }) => value), ...parameters.values()]);
    const seen = new Set<unknown>();
    return this.graph.outputs.map(({ name }) => {
      const value = secretOf(context, results[name]);
      const shared = known.has(value) || seen.has(value);
      seen.add(value);
      return new CrypTensor(shared ? context.alias(value) : value);
    });
  }

  /** The context's backend, with what training does otherwise. */
  #backend(context: Context): Backend<PrivateValue> {
    const known = this.#backends.get(context);
    if (known) return known;
    const made: Backend<PrivateValue> = {
      ...context.backend,
      node: (node, inputs, compute) => {
        const run = () => this.#node(node, context, inputs[0], compute);
        return context.backend.node ? context.backend.node(node, inputs, run) : run();
      },
    };
    this.#backends.set(context, made);
    return made;
  }

  #node(node: ConcreteNode, context: Context, x: PrivateValue, compute: () => PrivateValue): PrivateValue {
    if (node.op === 'BatchNormalization') return this.#normalized(node, context, x) ?? compute();
    if (node.op !== 'Dropout' || !this.training) return compute();
    return new CrypTensor(secretOf(context, x)).dropout(node.attributes.ratio).value;
  }

  #normalized(
    node: Extract<ConcreteNode, { op: 'BatchNormalization' }>,
    context: Context,
    input: PrivateValue,
  ): PrivateValue | undefined {
    const [weight, bias, runningMean, runningVar] = node.inputs
      .slice(1)
      .map((name) => this.#byName.get(name));
    if (!weight || !bias || !runningMean || !runningVar) return undefined;
    const { epsilon: eps, momentum } = node.attributes;
    const statistics = { weight, bias, runningMean, runningVar, eps, momentum };
    const x = new CrypTensor(secretOf(context, input));
    if (this.training) return normalizedByBatch(x, statistics).value;
    const inverse = this.#inverses.get(node) ?? new RunningInverse();
    this.#inverses.set(node, inverse);
    return normalizedByRunning(x, statistics, inverse).value;
  }

  override dispose(): void {
    for (const inverse of this.#inverses.values()) inverse.dispose();
    super.dispose();
  }
}

function parameterOf(name: string, slot: ParameterSlot): Parameter {
  const { shape, scales, role } = slot;
  const options = { name, data: numbersOf(slot), scales, initializer: 'given' as const };
  return role === 'buffer'
    ? new ModuleBuffer(shape, options)
    : new Parameter(shape, { ...options, requiresGrad: role === 'weight' });
}
