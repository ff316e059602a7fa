/**
 * A graph of operations as a module: what a model file becomes. A value is freed after its last use, so memory stays at
 * what the widest place of the network needs.
 */
import { type ConcreteGraph, definitionOf, evaluateGraph, type ParameterSlot } from '@tacit/graph';
import { backendValue, CrypTensor, secretOf } from '@tacit/tensor';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

/** A graph of operations as a module. */
export class Graph extends Module {
  readonly #byName: ReadonlyMap<string, Parameter>;

  /** @param graph with the weights at their owner, without them elsewhere */
  constructor(readonly graph: ConcreteGraph<ParameterSlot>) {
    super();
    this.#byName = new Map(
      Array.from(graph.parameters, ([name, { shape, data, scales }]) => [
        name,
        new Parameter(shape, { name, data, scales, requiresGrad: false }),
      ]),
    );
  }

  override *members(): Generator<[string, Parameter]> {
    yield* this.#byName;
  }

  get inputNames(): readonly string[] {
    return this.graph.inputs.map(({ name }) => name);
  }
  get outputNames(): readonly string[] {
    return this.graph.outputs.map(({ name }) => name);
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
    const results = evaluateGraph(this.graph, context.backend, given, parameters);
    const known = new Set<unknown>([...inputs.map(({ value }) => value), ...parameters.values()]);
    const seen = new Set<unknown>();
    return this.graph.outputs.map(({ name }) => {
      const value = secretOf(context, results[name]);
      const shared = known.has(value) || seen.has(value);
      seen.add(value);
      return new CrypTensor(shared ? context.alias(value) : value);
    });
  }
}
