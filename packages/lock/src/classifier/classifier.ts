/**
 * A classifier as a function of its weights: loss, gradients and right answers of labelled examples, in single precision, on
 * several threads. The network is the one that private training uses, the gradients are those of its operations; nothing
 * here differentiates.
 */
import { ArgumentError } from '@tacit/errors';
import { type LossGradients, type LossGradientsResult, openLossGradients } from '@tacit/floats';
import {
  type ConcreteGraph,
  type InputSlot,
  type ModelGraph,
  type Parameter,
  show,
  sizeOf,
  specialize,
} from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import type { Examples } from './examples.js';

/** Weights by the name of their initializer; the others are those of the file. */
export type Weights = ReadonlyMap<string, Float64Array>;

/** How examples are computed. */
export interface ClassifierOptions {
  /** Examples at a time on a thread, where the model takes any number. Default: 32, or fewer of a large model. */
  readonly batchSize?: number;
  /** Threads; 0 computes in this one. Default: one for each processor, at most 4. */
  readonly threads?: number;
}

/** How a pass over examples is followed, and stopped. */
export interface PassOptions {
  /** Called as examples are done. */
  readonly onBatch?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** What a model says about labelled examples. */
export interface Score {
  /** Mean cross entropy. */
  readonly loss: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

/** A score, and how the loss changes with the weights. */
export interface Gradients extends Score {
  /** By name: of the weights that were asked for. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** A classifier with weights that change. To be closed. */
export class Classifier {
  readonly input: InputSlot;
  readonly classes: number;
  /** Initializers that the answers depend on and that gradients reach, in the order of the file: no running statistics. */
  readonly weights: readonly string[];
  readonly #graph: ModelGraph;
  readonly #options: ClassifierOptions;
  readonly #networks = new Map<string, Promise<LossGradients>>();

  /**
   * Reads a model.
   * @param model an ONNX file with one input and one output [examples, classes]
   * @param options how examples are computed
   * @throws OnnxFormatError, UnsupportedModelError as `parseOnnx` and `buildGraph`
   * @throws ArgumentError where it is no classifier
   */
  constructor(model: Uint8Array, options: ClassifierOptions = {}) {
    this.#graph = buildGraph(parseOnnx(model), { trainable: true });
    this.#options = options;
    const [input, ...others] = this.#graph.inputs;
    if (!input || others.length > 0 || this.#graph.outputs.length !== 1 || input.shape.length === 0)
      throw new ArgumentError(
        `the model has ${this.#graph.inputs.length} inputs and ${this.#graph.outputs.length} outputs; a lock needs one input of examples and one output of scores`,
      );
    this.input = input;
    // 1 where the model says no size: enough to see what comes out.
    const sample = input.shape.map((size) => (typeof size === 'number' ? size : 1));
    const network = specialize(this.#graph, { [input.name]: sample });
    this.classes = classesOf(network);
    this.weights = reached(network);
  }

  /**
   * A weight as the file has it.
   * @param name of the initializer
   * @returns its numbers, not to be changed
   * @throws ArgumentError where there is none of this name
   */
  original(name: string): Float64Array {
    return this.#parameter(name).data;
  }

  /**
   * The shape of a weight.
   * @param name of the initializer
   * @returns sizes of its axes
   * @throws ArgumentError where there is none of this name
   */
  shape(name: string): readonly number[] {
    return this.#parameter(name).shape;
  }

  #parameter(name: string): Parameter {
    const found = this.#graph.parameters.get(name);
    if (!found) throw new ArgumentError(`the model has no weight ${JSON.stringify(name)}`);
    return found;
  }

  /**
   * Loss and right answers.
   * @param examples as of `examplesFor`
   * @param weights those that differ from the file
   * @param options progress and cancellation
   * @returns mean loss and accuracy
   * @throws the reason of the signal, where it is aborted
   */
  async score(examples: Examples, weights: Weights, options: PassOptions = {}): Promise<Score> {
    const { loss, correct } = await this.#pass(examples, weights, [], options);
    return { loss, accuracy: correct / examples.count };
  }

  /**
   * Loss, right answers and gradients.
   * @param examples as of `examplesFor`
   * @param weights those that differ from the file
   * @param wanted names of the weights whose gradients are asked for
   * @param options progress and cancellation
   * @returns mean loss, accuracy, and the gradients of the mean loss
   * @throws the reason of the signal, where it is aborted
   */
  async gradients(
    examples: Examples,
    weights: Weights,
    wanted: readonly string[],
    options: PassOptions = {},
  ): Promise<Gradients> {
    const { loss, correct, gradients } = await this.#pass(examples, weights, wanted, options);
    return { loss, accuracy: correct / examples.count, gradients };
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    const networks = await Promise.allSettled(this.#networks.values());
    this.#networks.clear();
    await Promise.all(
      networks.map((network) => (network.status === 'fulfilled' ? network.value.close() : undefined)),
    );
  }

  async #pass(
    { count, shape, data, labels }: Examples,
    parameters: Weights,
    wanted: readonly string[],
    { onBatch, signal }: PassOptions,
  ): Promise<LossGradientsResult> {
    const key = JSON.stringify([shape, wanted]);
    const network =
      this.#networks.get(key) ?? openLossGradients(this.#graph, shape, { ...this.#options, wanted });
    this.#networks.set(key, network);
    return (await network).pass({ shape: [count, ...shape], data }, labels, {
      parameters,
      signal,
      onProgress: ({ done, total }) => onBatch?.(done, total),
    });
  }
}

function classesOf(graph: ConcreteGraph): number {
  const [{ shape: input }] = graph.inputs;
  const [{ name, shape }] = graph.outputs;
  const [examples, classes = 0, ...others] = shape;
  if (examples !== input[0] || classes < 2 || sizeOf(others) !== 1)
    throw new ArgumentError(
      `the output ${JSON.stringify(name)} has the shape ${show(shape)} for ${input[0]} examples; a lock needs a score for each of two or more classes`,
    );
  return classes;
}

/** Weights that lead to the output. */
function reached({ nodes, outputs, parameters }: ConcreteGraph): string[] {
  const leads = new Set(outputs.map(({ name }) => name));
  for (const node of [...nodes].reverse())
    if (leads.has(node.outputs[0])) for (const name of node.inputs) leads.add(name);
  return [...parameters].flatMap(([name, { role }]) => (role === 'weight' && leads.has(name) ? [name] : []));
}
