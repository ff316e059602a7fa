/**
 * A classifier as a function of its weights: loss, gradients and right answers of labelled examples, in batches, in single
 * precision. The network is the one that private training uses, the gradients are those of its operations; nothing here
 * differentiates.
 */
import { ArgumentError } from '@tacit/errors';
import { createFloats, type Floats, type FloatTensor } from '@tacit/floats';
import {
  type ConcreteGraph,
  crossEntropy,
  evaluateGraph,
  evaluateWithGradients,
  type InputSlot,
  type ModelGraph,
  type PlainTensor,
  show,
  sizeOf,
  specialize,
  withoutSoftmax,
} from '@tacit/graph';
import { buildGraph, parseOnnx } from '@tacit/onnx';
import type { Examples } from './examples.js';

/** Weights by the name of their initializer; the others are those of the file. */
export type Weights = ReadonlyMap<string, Float64Array>;

/** How a pass over examples is followed, and stopped. */
export interface PassOptions {
  /** Called after each batch. */
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
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

/** Address space for the values of a batch; what is not touched costs nothing. */
const MEMORY_BYTES = 2 ** 31;

/** A classifier with weights that change. */
export class Classifier {
  readonly input: InputSlot;
  readonly classes: number;
  /** Initializers that the answers depend on and that gradients reach, in the order of the file: no running statistics. */
  readonly weights: readonly string[];
  readonly #graph: ModelGraph;
  readonly #batchSize: number;
  readonly #floats: Floats;
  readonly #concrete = new Map<string, ConcreteGraph>();

  private constructor(model: Uint8Array, batchSize: number, floats: Floats) {
    this.#graph = buildGraph(parseOnnx(model), { trainable: true });
    this.#batchSize = batchSize;
    this.#floats = floats;
    const [input, ...others] = this.#graph.inputs;
    if (!input || others.length > 0 || this.#graph.outputs.length !== 1 || input.shape.length === 0)
      throw new ArgumentError(
        `the model has ${this.#graph.inputs.length} inputs and ${this.#graph.outputs.length} outputs; a lock needs one input of examples and one output of scores`,
      );
    this.input = input;
    const sample = this.#network(this.#sampleShape());
    this.classes = classesOf(sample);
    this.weights = reached(sample);
  }

  /**
   * Reads a model.
   * @param model an ONNX file with one input and one output [examples, classes]
   * @param batchSize examples at a time, where the model takes any number
   * @returns the classifier
   * @throws OnnxFormatError, UnsupportedModelError as `parseOnnx` and `buildGraph`
   * @throws ArgumentError where it is no classifier
   */
  static async create(model: Uint8Array, batchSize: number): Promise<Classifier> {
    return new Classifier(model, batchSize, await createFloats({ memoryBytes: MEMORY_BYTES }));
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

  #parameter(name: string): PlainTensor {
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
   */
  async score(examples: Examples, weights: Weights, options: PassOptions = {}): Promise<Score> {
    const { loss, accuracy } = await this.#pass(examples, weights, [], options);
    return { loss, accuracy };
  }

  /**
   * Loss, right answers and gradients.
   * @param examples as of `examplesFor`
   * @param weights those that differ from the file
   * @param wanted names of the weights whose gradients are asked for
   * @param options progress and cancellation
   * @returns mean loss, accuracy, and the gradients of the mean loss
   */
  async gradients(
    examples: Examples,
    weights: Weights,
    wanted: readonly string[],
    options: PassOptions = {},
  ): Promise<Gradients> {
    return this.#pass(examples, weights, wanted, options);
  }

  async #pass(
    examples: Examples,
    weights: Weights,
    wanted: readonly string[],
    { onBatch, signal }: PassOptions,
  ): Promise<Gradients> {
    const { count, shape } = examples;
    const { backend, tensor } = this.#floats;
    const parameters = new Map(
      [...this.#graph.parameters].map(([name, { shape: own, data }]) => [
        name,
        tensor(own, weights.get(name) ?? data),
      ]),
    );
    const gradients = new Map<string, Float64Array>();
    let [loss, correct] = [0, 0];
    const atOnce = this.#atOnce(count);
    try {
      for (let start = 0; start < count; start += atOnce) {
        // A turn of the event loop, so that an interrupt is heard.
        await new Promise(setImmediate);
        signal?.throwIfAborted();
        const end = Math.min(start + atOnce, count);
        const fixed = typeof this.input.shape[0] === 'number';
        const graph = this.#network([fixed ? atOnce : end - start, ...shape]);
        const labels = examples.labels.slice(start, end);
        const made: FloatTensor[] = [this.#batch(examples, start, end, graph)];
        const of = (scores: FloatTensor): FloatTensor => {
          const found = crossEntropy(firstRows(scores, end - start), labels, { examples: count });
          loss += found.loss;
          correct += found.correct;
          const cotangent = tensor(scores.shape, filledUp(found.cotangent.data, scores.shape));
          made.push(cotangent);
          return cotangent;
        };
        const [{ name }] = graph.outputs;
        const inputs = { [this.input.name]: made[0] };
        if (wanted.length === 0) {
          const scores = evaluateGraph(graph, backend, inputs, parameters)[name];
          made.push(scores);
          of(scores);
        } else {
          const found = evaluateWithGradients(graph, backend, inputs, parameters, {
            wanted: new Set(wanted),
            cotangents: (outputs) => ({ [name]: of(outputs[name]) }),
          });
          add(gradients, found.gradients);
          made.push(...Object.values(found.outputs), ...found.gradients.values());
        }
        for (const value of made) backend.dispose?.(value);
        onBatch?.(end, count);
      }
    } finally {
      for (const value of parameters.values()) backend.dispose?.(value);
    }
    return { loss, accuracy: correct / count, gradients };
  }

  #atOnce(count: number): number {
    const [declared] = this.input.shape;
    return typeof declared === 'number' ? declared : Math.min(this.#batchSize, count);
  }

  /** Examples as an input of the network, with zeros where it takes more than there are. */
  #batch({ data }: Examples, start: number, end: number, graph: ConcreteGraph): FloatTensor {
    const [{ shape }] = graph.inputs;
    const size = sizeOf(shape.slice(1));
    const input = new Float32Array(sizeOf(shape));
    for (let i = 0; i < (end - start) * size; i++) input[i] = data[start * size + i];
    return this.#floats.tensor(shape, input);
  }

  #network(shape: readonly number[]): ConcreteGraph {
    const key = String(shape);
    const known =
      this.#concrete.get(key) ?? withoutSoftmax(specialize(this.#graph, { [this.input.name]: shape }));
    this.#concrete.set(key, known);
    return known;
  }

  /** A shape to see what comes out: 1 where the model says no size. */
  #sampleShape(): number[] {
    return this.input.shape.map((size) => (typeof size === 'number' ? size : 1));
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

/** Scores of the examples that are there, without those of zeros behind them. */
function firstRows({ shape, data }: FloatTensor, rows: number): FloatTensor {
  const [all, ...row] = shape;
  if (rows === all) return { shape, data };
  return { shape: [rows, ...row], data: data.subarray(0, rows * sizeOf(row)) };
}

/** The same cotangents, and none of what is behind them. */
function filledUp(data: Float32Array, shape: readonly number[]): Float32Array {
  const filled = new Float32Array(sizeOf(shape));
  filled.set(data);
  return filled;
}

function add(sums: Map<string, Float64Array>, found: ReadonlyMap<string, FloatTensor>): void {
  for (const [name, { data }] of found) {
    const sum = sums.get(name);
    if (sum === undefined) sums.set(name, Float64Array.from(data));
    else for (let i = 0; i < sum.length; i++) sum[i] += data[i];
  }
}
