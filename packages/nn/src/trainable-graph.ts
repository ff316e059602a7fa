/** Layers of a model file, trained further: a graph with open sizes whose weights move. */

import { ArgumentError } from '@tacit/errors';
import {
  type ConcreteGraph,
  definitionOf,
  evaluateGraph,
  type ModelGraph,
  type OpName,
  type ParameterSlot,
  specialize,
} from '@tacit/graph';
import { backendValue, CrypTensor, secretOf } from '@tacit/tensor';
import { Module } from './module.js';
import { ModuleBuffer, Parameter } from './parameter.js';

/** Operations whose parameters are weights and biases. Those of others are constants of the network. */
const TRAINED: readonly OpName[] = ['Linear', 'MatMul', 'Conv', 'ConvTranspose', 'Add'];

/**
 * A graph of one input as a module that is trained, such as the last layers of a published network (`splitModel`). Weights
 * and biases are parameters under their names in the file; what else the file holds are buffers. Batches may be of any
 * size that the graph takes.
 */
export class TrainableGraph extends Module {
  readonly #byName: ReadonlyMap<string, Parameter>;
  readonly #concrete = new Map<string, ConcreteGraph<ParameterSlot>>();

  /**
   * Layers that are not encrypted yet.
   * @param graph the layers; with weights at the party from whose values training starts, without them elsewhere
   * @throws ArgumentError where the graph has several inputs or outputs
   * @example const head = new nn.TrainableGraph(splitModel(graph, 2).head).encrypt(party, { src: 0 });
   */
  constructor(readonly graph: ModelGraph<ParameterSlot>) {
    super();
    if (graph.inputs.length !== 1 || graph.outputs.length !== 1)
      throw new ArgumentError(
        `a TrainableGraph has one input and one output, not ${graph.inputs.length} and ${graph.outputs.length}`,
      );
    const trained = new Set(graph.nodes.flatMap(({ op, inputs }) => (TRAINED.includes(op) ? inputs : [])));
    this.#byName = new Map(
      Array.from(graph.parameters, ([name, { shape, data }]) => {
        const kind = trained.has(name) ? Parameter : ModuleBuffer;
        return [name, new kind(shape, { name, data: data && Float64Array.from(data), initializer: 'given' })];
      }),
    );
  }

  override *members(): Generator<[string, Parameter]> {
    yield* this.#byName;
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
   * What the layers make of a batch.
   * @param x a batch, of a shape that the graph takes
   * @returns a handle, at once
   * @throws InputShapeError for another shape
   */
  override forward(x: CrypTensor): CrypTensor {
    const { context } = x;
    const [{ name }] = this.graph.inputs;
    const parameters = new Map(
      Array.from(this.#byName, ([own, parameter]) => [own, backendValue(parameter.operand)]),
    );
    const results = evaluateGraph(this.#for(x.shape), context.backend, { [name]: x.value }, parameters);
    const value = secretOf(context, results[this.graph.outputs[0].name]);
    const shared = value === x.value || [...parameters.values()].includes(value);
    return new CrypTensor(shared ? context.alias(value) : value);
  }

  /** The graph for a shape of the input. */
  #for(shape: readonly number[]): ConcreteGraph<ParameterSlot> {
    const key = String(shape);
    const known = this.#concrete.get(key) ?? specialize(this.graph, { [this.graph.inputs[0].name]: shape });
    this.#concrete.set(key, known);
    return known;
  }
}
