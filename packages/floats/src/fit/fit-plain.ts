/**
 * Training in the clear: the plain side of `nn.fit`. The same graph and the same definitions of gradients that private
 * training uses, on the backend in single precision, in this thread.
 */
import { setImmediate } from 'node:timers/promises';
import { ArgumentError, ShapeError } from '@tacit/errors';
import {
  type Backend,
  type ConcreteGraph,
  checkOptions,
  crossEntropy,
  evaluateGraph,
  evaluateWithGradients,
  type ModelGraph,
  type Parameter,
  type ParameterSlot,
  show,
  sizeOf,
  specialize,
  withoutSoftmax,
} from '@tacit/graph';
import { createFloats, type Floats } from '../floats.js';
import type { FloatTensor } from '../machine.js';
import { type FitOptimizer, type Step, stepOf } from './optimizers.js';
import { machineRandom, type Random, randomOrder } from './random.js';

/** Examples and their classes. */
export interface FitExamples {
  /** The first axis counts the examples. */
  readonly inputs: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  /** A class each, counted from 0. */
  readonly labels: ArrayLike<number>;
}

/** How far training is. */
export interface FitReport {
  /** From 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean cross entropy of what was trained on. */
  readonly loss: number;
  /** Share of the examples that were right before the step that they were part of. */
  readonly accuracy: number;
}

/** How a network is trained. */
export interface FitPlainOptions {
  /** Times that every example is seen. Default 1. */
  readonly epochs?: number;
  /** Examples in a step. Default 32. */
  readonly batchSize?: number;
  /** Default Adam with its usual constants. */
  readonly optimizer?: FitOptimizer;
  /** The learning rate falls in a straight line to 0 at the end. Default false. */
  readonly decay?: boolean;
  /** Names of what is trained. Default: all weights of the graph. */
  readonly wanted?: Iterable<string>;
  /** More examples for a step, given the places of its own, such as changed ones. Losses are means over all. */
  readonly also?: (places: Uint32Array) => FitExamples | undefined;
  /** Of the order of examples, from 0 to below 1. Default: the machine's cryptographic randomness. */
  readonly random?: Random;
  /** Bytes for all values of a step. Default 512 MiB. */
  readonly memoryBytes?: number;
  /** Ends training between two steps; what was learnt until then is given back. */
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onBatchEnd?: (report: FitReport & { readonly batch: number; readonly batches: number }) => void;
  /** Called after each epoch. */
  readonly onEpochEnd?: (report: FitReport) => void;
}

/** What training gave. */
export interface FitPlainResult {
  /** The network with what it learnt. */
  readonly graph: ModelGraph;
  readonly epochs: readonly FitReport[];
  readonly aborted: boolean;
}

const OPTIONS = [
  'epochs',
  'batchSize',
  'optimizer',
  'decay',
  'wanted',
  'also',
  'random',
  'memoryBytes',
  'signal',
  'onBatchEnd',
  'onEpochEnd',
] as const;
/** How long other work waits for a turn. */
const TURN_MS = 50;

/**
 * Trains a classifier in the clear, by the cross entropy of its first output.
 *
 * Statistics of batch normalisation stay as they are, and dropout does nothing: the graph is what it computes after
 * training.
 * @param graph a network of one input, whose first axis counts examples, of any number; built with `trainable`
 * @param examples examples and their classes
 * @param options how it is trained
 * @returns the trained network and a report for each epoch
 * @throws ArgumentError for options that do not fit, labels that are no classes, a network without weights
 * @throws ShapeError, InputShapeError where examples do not fit the network
 * @throws FloatsMemoryError where the values of a step do not fit in the memory
 * @example
 * const { graph: trained } = await fitPlain(freshWeights(graph), { inputs, labels }, { epochs: 5 });
 */
export async function fitPlain(
  graph: ModelGraph,
  examples: FitExamples,
  options: FitPlainOptions = {},
): Promise<FitPlainResult> {
  checkOptions('fitPlain', options, OPTIONS);
  const { epochs = 1, batchSize = 32, optimizer = { kind: 'adam' }, decay = false, signal } = options;
  const { random = machineRandom() } = options;
  for (const [name, value] of Object.entries({ epochs, batchSize }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ArgumentError(`fitPlain: ${name} is ${String(value)}, not a whole number from 1`);
  const count = checkExamples(examples);
  if (count === 0) throw new ArgumentError('fitPlain: there are no examples');
  const wanted = wantedOf(graph, options.wanted);
  const floats = await createFloats({ memoryBytes: options.memoryBytes });
  const network = new Trained(graph, floats, wanted, optimizer);
  const batches = Math.ceil(count / batchSize);
  const finished: FitReport[] = [];
  let turn = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = randomOrder(count, random);
    let [loss, correct, seen, own] = [0, 0, 0, 0];
    const report = (): FitReport => ({ epoch, epochs, loss: loss / seen, accuracy: correct / own });
    for (let batch = 0; batch < batches; batch++) {
      if (performance.now() - turn > TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
      if (signal?.aborted) return { graph: network.graph(), epochs: finished, aborted: true };
      const places = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      const factor = decay ? 1 - (epoch * batches + batch) / (epochs * batches) : 1;
      const part = picked(examples, places);
      const more = options.also?.(places);
      const made = network.step(more ? joined(part, more) : part, places.length, factor);
      loss += made.loss * made.examples;
      seen += made.examples;
      correct += made.correct;
      own += places.length;
      options.onBatchEnd?.({ ...report(), batch, batches });
    }
    finished.push(report());
    options.onEpochEnd?.(report());
  }
  return { graph: network.graph(), epochs: finished, aborted: false };
}

/**
 * Classes that a classifier gives examples: the place of the first of its largest scores.
 * @param graph a network of one input, whose first axis counts examples
 * @param inputs examples
 * @param options how many examples are computed at a time (default 100)
 * @returns a class for each example, counted from 0
 * @throws ShapeError, InputShapeError where examples do not fit the network
 * @example const right = (await classesOf(graph, inputs)).filter((label, i) => label === labels[i]).length;
 */
export async function classesOf(
  graph: ModelGraph,
  inputs: FitExamples['inputs'],
  options: { readonly batchSize?: number } = {},
): Promise<Uint32Array> {
  const { batchSize = 100 } = options;
  const floats = await createFloats();
  const network = new Trained(graph, floats, [], { kind: 'adam' });
  const count = checkExamples({ inputs, labels: { length: inputs.shape[0] } });
  const classes = new Uint32Array(count);
  for (let start = 0; start < count; start += batchSize) {
    const places = Uint32Array.from({ length: Math.min(batchSize, count - start) }, (_, i) => start + i);
    classes.set(network.classes(picked({ inputs, labels: [] }, places)), start);
    await setImmediate();
  }
  return classes;
}

function wantedOf(graph: ModelGraph, given: Iterable<string> | undefined): readonly string[] {
  const all = [...graph.parameters].filter(([, { role }]) => role === 'weight').map(([name]) => name);
  const wanted = given ? [...new Set(given)] : all;
  for (const name of wanted)
    if (!graph.parameters.has(name))
      throw new ArgumentError(`fitPlain: ${JSON.stringify(name)} is no parameter`);
  if (wanted.length === 0)
    throw new ArgumentError('fitPlain: the network has no weights: build it with `trainable: true`');
  return wanted;
}

function checkExamples({ inputs: { shape, data }, labels }: FitExamples): number {
  if (shape.length === 0 || data.length !== sizeOf(shape))
    throw new ShapeError(`${data.length} numbers do not fill the shape ${show(shape)}`);
  if (labels.length !== shape[0]) throw new ShapeError(`${labels.length} labels for ${shape[0]} examples`);
  return shape[0];
}

function picked({ inputs: { shape, data }, labels }: FitExamples, places: Uint32Array): FitExamples {
  const size = sizeOf(shape.slice(1));
  const own = new Float32Array(places.length * size);
  places.forEach((place, i) => {
    for (let j = 0; j < size; j++) own[i * size + j] = data[place * size + j];
  });
  return {
    inputs: { shape: [places.length, ...shape.slice(1)], data: own },
    labels: Array.from(places, (place) => labels[place]),
  };
}

function joined(a: FitExamples, b: FitExamples): FitExamples {
  const more = checkExamples(b);
  const [, ...one] = a.inputs.shape;
  if (String(one) !== String(b.inputs.shape.slice(1)))
    throw new ShapeError(
      `more examples have the shape ${show(b.inputs.shape)}, the others ${show(a.inputs.shape)}`,
    );
  const data = new Float32Array(a.inputs.data.length + b.inputs.data.length);
  data.set(a.inputs.data);
  data.set(b.inputs.data, a.inputs.data.length);
  return {
    inputs: { shape: [a.inputs.shape[0] + more, ...one], data },
    labels: [...Array.from(a.labels), ...Array.from(b.labels)],
  };
}

/** A network in the memory of the kernels, whose weights move. */
class Trained {
  readonly #graph: ModelGraph;
  readonly #floats: Floats;
  readonly #backend: Backend<FloatTensor>;
  readonly #input: string;
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #parameters: ReadonlyMap<string, FloatTensor>;
  readonly #concrete = new Map<string, ConcreteGraph<ParameterSlot>>();

  constructor(graph: ModelGraph, floats: Floats, wanted: readonly string[], optimizer: FitOptimizer) {
    const [input, ...others] = graph.inputs;
    if (!input || others.length > 0)
      throw new ArgumentError(`a network that is trained has one input, not ${graph.inputs.length}`);
    this.#graph = graph;
    this.#floats = floats;
    this.#backend = floats.backend;
    this.#input = input.name;
    this.#parameters = new Map(
      Array.from(graph.parameters, ([name, { shape, data }]) => [name, floats.tensor(shape, data)]),
    );
    this.#steps = new Map(
      wanted.map((name) => [name, stepOf(optimizer, sizeOf(graph.parameters.get(name)?.shape ?? []))]),
    );
  }

  /** One step on some examples, of which the first `own` are counted. */
  step(
    { inputs, labels }: FitExamples,
    own: number,
    factor: number,
  ): { loss: number; correct: number; examples: number } {
    const graph = this.#for(inputs.shape);
    const [{ name: scores }] = graph.outputs;
    let [loss, correct] = [0, 0];
    this.#scoped(() => {
      const x = this.#floats.tensor(inputs.shape, inputs.data);
      const { gradients } = evaluateWithGradients(
        graph,
        this.#backend,
        { [this.#input]: x },
        this.#parameters,
        {
          wanted: new Set(this.#steps.keys()),
          cotangents: (outputs) => {
            const found = crossEntropy(outputs[scores], labels);
            loss = found.loss;
            correct = rightOf(outputs[scores], labels, own);
            return { [scores]: this.#floats.tensor(found.cotangent.shape, found.cotangent.data) };
          },
        },
      );
      for (const [name, step] of this.#steps) {
        const [weights, gradient] = [this.#parameters.get(name), gradients.get(name)];
        if (weights && gradient) step(weights.data, gradient.data, factor);
      }
    });
    return { loss, correct, examples: labels.length };
  }

  classes({ inputs }: FitExamples): Uint32Array {
    const graph = this.#for(inputs.shape);
    let classes: Uint32Array = new Uint32Array(0);
    this.#scoped(() => {
      const x = this.#floats.tensor(inputs.shape, inputs.data);
      const outputs = evaluateGraph(graph, this.#backend, { [this.#input]: x }, this.#parameters);
      classes = largestOf(outputs[graph.outputs[0].name]);
    });
    return classes;
  }

  /** The network as it is now. */
  graph(): ModelGraph {
    const parameters = new Map<string, Parameter>(this.#graph.parameters);
    for (const name of this.#steps.keys()) {
      const [slot, now] = [parameters.get(name), this.#parameters.get(name)];
      if (slot && now) parameters.set(name, { ...slot, data: Float64Array.from(now.data) });
    }
    return { ...this.#graph, parameters };
  }

  /** Frees what is made. */
  #scoped(f: () => void): void {
    const run = (): readonly FloatTensor[] => {
      f();
      return [];
    };
    if (this.#backend.scope) this.#backend.scope(run);
    else run();
  }

  #for(shape: readonly number[]): ConcreteGraph<ParameterSlot> {
    const key = String(shape);
    const known =
      this.#concrete.get(key) ?? withoutSoftmax(specialize(this.#graph, { [this.#input]: shape }));
    this.#concrete.set(key, known);
    return known;
  }
}

function rightOf(scores: FloatTensor, labels: ArrayLike<number>, count: number): number {
  return largestOf(scores)
    .subarray(0, count)
    .filter((label, i) => label === labels[i]).length;
}

function largestOf({ shape, data }: FloatTensor): Uint32Array {
  const [rows] = shape;
  const columns = rows === 0 ? 0 : data.length / rows;
  return Uint32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let i = 1; i < columns; i++) if (data[row * columns + i] > data[row * columns + best]) best = i;
    return best;
  });
}
