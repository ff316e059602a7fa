/**
 * Sessions on small graphs without weights, computed where the program runs: what libraries do around their models by ONNX
 * Runtime, such as resizing and the largest scores. On the plain evaluator, in double precision.
 */
import { type ConcreteGraph, evaluatePlain, specialize } from '@tacit/graph';
import { buildGraph, type OnnxModel, parseOnnx, UnsupportedModelError } from '@tacit/onnx';
import type { TensorLike } from '../client.js';
import { ClearGraphError, ReleasedError, StubError } from '../errors.js';
import { metadataOf, type SessionCore, type SlotMetadata } from '../session/core.js';
import { readFeeds } from '../session/feeds.js';
import { type ModelFile, readModelFile } from '../stub/model-file.js';
import { type StubSlot, slotsOf } from '../stub/read-stub.js';
import { dataOf, kindOf, numbersIn } from '../tensors/element-types.js';
import { computeFourier, isFourier } from './fourier-nodes.js';

/** Graphs with more constants than this have weights. */
export const MOST_CONSTANTS = 64;
/** Graphs for values that were given before, such as sizes to resize to. */
const KEPT = 16;

/** Values of an input, as doubles. */
interface Given {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * Opens a graph to be computed in the clear.
 * @param bytes the file
 * @param label how it is called in errors
 * @returns a session
 * @throws StubError (`STUB_WEIGHTS`) where it holds more than 64 numbers: it is a model, not a helper of one; OnnxFormatError
 * where it is not an ONNX model
 */
export function openClear(bytes: Uint8Array, label: string): SessionCore {
  const file = readModelFile(bytes);
  if (file.numbers > MOST_CONSTANTS || file.external)
    throw new StubError(
      'STUB_WEIGHTS',
      `${label} is not a stub: it holds ${file.external ? 'weights in another file' : `${file.numbers} numbers`}, so that the model itself is here. ` +
        'Make a stub of it with: tacit stub MODEL.onnx; or, if it is public, give createRuntime another runtime (others)',
    );
  return new ClearSession(file, parseOnnx(bytes));
}

class ClearSession implements SessionCore {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  readonly #inputs: readonly StubSlot[];
  readonly #outputs: readonly StubSlot[];
  readonly #model: OnnxModel;
  readonly #graphs = new Map<string, ConcreteGraph>();
  #released = false;

  constructor(file: ModelFile, model: OnnxModel) {
    this.#model = model;
    this.#inputs = slotsOf(file.inputs);
    this.#outputs = slotsOf(file.outputs);
    this.inputNames = this.#inputs.map(({ name }) => name);
    this.outputNames = this.#outputs.map(({ name }) => name);
    this.inputMetadata = metadataOf(this.#inputs);
    this.outputMetadata = metadataOf(this.#outputs);
  }

  async run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[],
  ): Promise<Record<string, TensorLike>> {
    if (this.#released) throw new ReleasedError();
    const read = await readFeeds(this.#inputs, feeds);
    const given = Object.fromEntries(
      Object.entries(read).map(([name, { type, dims, data }]): [string, Given] => [
        name,
        { shape: dims, data: numbersIn(type, data) },
      ]),
    );
    const made = isFourier(this.#model.graph)
      ? computeFourier(this.#model.graph, given)
      : evaluatePlain(this.#graphFor(given), this.#variable(given));
    return Object.fromEntries(
      fetches.map((name) => {
        const type = this.#outputs.find((slot) => slot.name === name)?.type ?? 'float32';
        const { shape, data } = made[name];
        return [name, { type, dims: [...shape], data: dataOf(type, data) }];
      }),
    );
  }

  /** Whole numbers are sizes, counts and bounds, on which the graph depends; the rest is what it is computed on. */
  #isConstant(name: string): boolean {
    const slot = this.#inputs.find((input) => input.name === name);
    return slot !== undefined && kindOf(slot.type) !== 'float';
  }

  #variable(given: Readonly<Record<string, Given>>): Record<string, Given> {
    return Object.fromEntries(Object.entries(given).filter(([name]) => !this.#isConstant(name)));
  }

  #graphFor(given: Readonly<Record<string, Given>>): ConcreteGraph {
    const inputShapes = Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape]));
    const constants = Object.entries(given).filter(([name]) => this.#isConstant(name));
    const publicInputs = Object.fromEntries(constants.map(([name, { data }]) => [name, [...data]]));
    const key = JSON.stringify([inputShapes, publicInputs]);
    const known = this.#graphs.get(key);
    if (known) return known;
    const graph = this.#build({ inputShapes, publicInputs });
    if (this.#graphs.size >= KEPT) this.#graphs.clear();
    this.#graphs.set(key, graph);
    return graph;
  }

  #build(options: NonNullable<Parameters<typeof buildGraph>[1]>): ConcreteGraph {
    try {
      return specialize(buildGraph(this.#model, options));
    } catch (error) {
      if (!(error instanceof UnsupportedModelError)) throw error;
      const reasons = error.issues.map(({ op, reason }) => (op === '' ? reason : `${op}: ${reason}`));
      throw new ClearGraphError(
        `a graph beside the private model is not computed here (${reasons.join('; ')}). Give createRuntime another runtime for such files (others)`,
        { cause: error },
      );
    }
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#graphs.clear();
  }
}
