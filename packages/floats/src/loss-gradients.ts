/**
 * Gradients of a classifier's loss: examples in small batches, these on several threads, each with kernels and memory of
 * its own; what the threads have found is added up.
 */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { ArgumentError, ShapeError } from '@tacit/errors';
import { type ModelGraph, numbersOf, type Parameter, show, sizeOf } from '@tacit/graph';
import type { Examples, Job, Part, SharedParameters, Sums } from './loss/job.js';
import { Pass } from './loss/pass.js';
import { planOf } from './loss/plan.js';
import { GradientThread } from './threads/gradient-thread.js';

/** How the examples of all passes are computed. */
export interface LossGradientsOptions {
  /** Examples that a thread takes at a time. Default: as many as keep the values of the network below 160 MiB, at most 32. */
  readonly batchSize?: number;
  /** Threads; 0 computes in this one. Default: one for each processor, at most 4. */
  readonly threads?: number;
  /** Names of the parameters whose gradients are wanted. Default: all. With none of them, a pass finds the loss only. */
  readonly wanted?: Iterable<string>;
  /** Memory of each thread for values and parameters. Default: what the plan needs. */
  readonly memoryBytes?: number;
}

/** One pass. */
export interface LossPassOptions {
  /** Numbers that stand in for those of the graph, by name of the parameter. */
  readonly parameters?: ReadonlyMap<string, ArrayLike<number>>;
  /** Called when some more examples are done. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Ends the pass early, between two batches. */
  readonly signal?: AbortSignal;
}

/** Images, or other examples: the first axis counts them. */
export interface ExampleTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The mean cross entropy of all examples and where it comes from. */
export interface LossGradientsResult {
  readonly loss: number;
  /** How many examples have their label as the first of the largest scores. */
  readonly correct: number;
  /** Of the mean loss, for every name that is wanted, in the shape of the parameter, row-major. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Passes over examples with one network. */
export interface LossGradients {
  /**
   * Loss and gradients of some examples.
   * @throws ShapeError, ArgumentError where examples, labels or parameters do not fit
   */
  pass(
    images: ExampleTensor,
    labels: ArrayLike<number>,
    options?: LossPassOptions,
  ): Promise<LossGradientsResult>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Where the shares of a pass are computed. */
interface Place {
  run(
    shares: readonly (readonly Part[])[],
    parameters: SharedParameters,
    examples: Examples,
    stop: Int32Array<SharedArrayBuffer>,
    onPassed: (count: number) => void,
  ): Promise<readonly Sums[]>;
  close(): Promise<void>;
}

/**
 * Opens a network for passes. Its first output has to be scores, [examples, classes]; a Softmax or LogSoftmax at its end is
 * seen through (`withoutSoftmax`).
 *
 * The same threads and batches give the same bits: shares are fixed beforehand, and added up in order.
 * @param graph a network of one input, whose first axis counts examples, as the file has it: built with `trainable`, so
 * that parameters are the initializers of the file
 * @param example sizes of one example
 * @param options how it is computed
 * @returns passes, to be closed
 * @throws ArgumentError for a network or options that do not fit
 * @throws FloatsMemoryError where the values of one batch do not fit in the memory
 * @example
 * const network = await openLossGradients(buildGraph(parseOnnx(bytes), { trainable: true }), [3, 224, 224]);
 * const { gradients } = await network.pass(images, labels);
 * await network.close();
 */
export async function openLossGradients(
  graph: ModelGraph,
  example: readonly number[],
  options: LossGradientsOptions = {},
): Promise<LossGradients> {
  const [input, ...others] = graph.inputs;
  if (!input || others.length > 0 || input.shape.length === 0)
    throw new ArgumentError(
      `gradients of a loss are those of a network of one input, not ${graph.inputs.length}`,
    );
  const wanted = [...new Set(options.wanted ?? graph.parameters.keys())];
  for (const name of wanted)
    if (!graph.parameters.has(name)) throw new ArgumentError(`${JSON.stringify(name)} is no parameter`);
  const { threads = Math.min(4, availableParallelism()) } = options;
  if (!(Number.isSafeInteger(threads) && threads >= 0 && threads <= 256))
    throw new ArgumentError(`threads must be a whole number from 0 to 256, not ${threads}`);
  const { batch, memoryBytes } = planOf(graph, example, options);
  const slots = new Map(Array.from(graph.parameters, ([name, { shape }]) => [name, { shape }]));
  const job: Job = { graph: { ...graph, parameters: slots }, batch, wanted, memoryBytes };
  const place = threads === 0 ? await here(job) : await inThreads(job, threads);
  const original = new Map(Array.from(graph.parameters, ([name, value]) => [name, shared(numbersOf(value))]));
  let last: Promise<unknown> = Promise.resolve();
  const network: LossGradients = {
    async pass(images, labels, { parameters, onProgress, signal } = {}) {
      signal?.throwIfAborted();
      const examples = examplesOf(images, labels, example);
      const total = labels.length;
      const shares: Part[][] = Array.from({ length: Math.max(1, threads) }, () => []);
      // Batches of one size, the threads in turn; fewer at a time where there would be threads without work.
      const size = Math.max(1, Math.min(batch, Math.ceil(total / shares.length)));
      for (let start = 0, i = 0; start < total; start += size, i++)
        shares[i % shares.length].push({ start, count: Math.min(size, total - start) });
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const abort = () => Atomics.store(stop, 0, 1);
      signal?.addEventListener('abort', abort);
      let done = 0;
      try {
        const sums = await place.run(
          shares,
          replaced(original, graph, parameters),
          examples,
          stop,
          (count) => {
            done += count;
            onProgress?.({ done, total });
          },
        );
        signal?.throwIfAborted();
        return resultOf(wanted, sums);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    close: () => place.close(),
  };
  return {
    // One pass after the other: each thread has memory for one.
    pass(...given) {
      const result = last.then(() => network.pass(...given));
      last = result.catch(() => undefined);
      return result;
    },
    close: network.close,
  };
}

/**
 * Loss and gradients of some examples in one call.
 * @param graph as for `openLossGradients`
 * @param images examples
 * @param labels class of each example, counted from 0
 * @param options how it is computed
 * @returns mean loss, number of correct examples, gradients by name of the parameter
 * @throws as `openLossGradients` and its `pass`
 * @example const { loss, gradients } = await lossGradients(graph, { shape: [64, 3, 224, 224], data }, labels);
 */
export async function lossGradients(
  graph: ModelGraph,
  images: ExampleTensor,
  labels: ArrayLike<number>,
  options: LossGradientsOptions & LossPassOptions = {},
): Promise<LossGradientsResult> {
  const network = await openLossGradients(graph, images.shape.slice(1), options);
  try {
    return await network.pass(images, labels, options);
  } finally {
    await network.close();
  }
}

async function here(job: Job): Promise<Place> {
  const pass = await Pass.open(job);
  return {
    async run([parts], parameters, examples, stop, onPassed) {
      pass.begin(parameters);
      for (const part of parts) {
        // Whoever wants to abort gets a turn.
        await setImmediate();
        if (Atomics.load(stop, 0) !== 0) break;
        pass.add(examples, part);
        onPassed(part.count);
      }
      return [pass.end()];
    },
    close: async () => {},
  };
}

async function inThreads(job: Job, count: number): Promise<Place> {
  const threads = Array.from({ length: count }, () => new GradientThread(job));
  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  try {
    await Promise.all(threads.map(({ ready }) => ready));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async run(shares, parameters, examples, stop, onPassed) {
      const runs = threads.map((thread, i) =>
        thread.run({ type: 'run', parameters, examples, parts: shares[i], stop }, onPassed),
      );
      try {
        return await Promise.all(runs);
      } catch (error) {
        // The others need not go on; the next pass waits until they have stopped.
        Atomics.store(stop, 0, 1);
        await Promise.allSettled(runs);
        throw error;
      }
    },
  };
}

/** A copy in memory that threads share. */
function shared(values: ArrayLike<number>): Float32Array<SharedArrayBuffer> {
  const copy = new Float32Array(new SharedArrayBuffer(values.length * 4));
  copy.set(values);
  return copy;
}

function examplesOf(
  { shape, data }: ExampleTensor,
  labels: ArrayLike<number>,
  example: readonly number[],
): Examples {
  const own = shape.slice(1);
  if (String(own) !== String(example) || data.length !== sizeOf(shape))
    throw new ShapeError(
      `${data.length} numbers of the shape ${show(shape)} are not examples of the shape ${show(example)}`,
    );
  if (shape[0] !== labels.length) throw new ShapeError(`${labels.length} labels for ${shape[0]} examples`);
  if (labels.length === 0) throw new ArgumentError('the mean loss of no example at all');
  const copy = new Float64Array(new SharedArrayBuffer(labels.length * 8));
  copy.set(labels);
  return { shape: example, images: shared(data), labels: copy };
}

/** The parameters of a pass. */
function replaced(
  original: SharedParameters,
  graph: ModelGraph<Parameter>,
  given: ReadonlyMap<string, ArrayLike<number>> | undefined,
): SharedParameters {
  if (!given) return original;
  const parameters = new Map(original);
  for (const [name, values] of given) {
    const slot = graph.parameters.get(name);
    if (!slot) throw new ArgumentError(`${JSON.stringify(name)} is no parameter`);
    if (values.length !== sizeOf(slot.shape))
      throw new ShapeError(
        `${values.length} numbers for the parameter ${JSON.stringify(name)} ${show(slot.shape)}`,
      );
    parameters.set(name, shared(values));
  }
  return parameters;
}

function resultOf(wanted: readonly string[], sums: readonly Sums[]): LossGradientsResult {
  const [first, ...others] = sums;
  for (const { gradients } of others)
    gradients.forEach((values, i) => {
      const to = first.gradients[i];
      for (let j = 0; j < to.length; j++) to[j] += values[j];
    });
  return {
    loss: sums.reduce((sum, { loss }) => sum + loss, 0),
    correct: sums.reduce((sum, { correct }) => sum + correct, 0),
    gradients: new Map(wanted.map((name, i) => [name, first.gradients[i]])),
  };
}
