/**
 * Unlock at use: a session on a locked file that never has the unlocked file in one piece. Weights are opened one layer at a
 * time, when the first run reaches it, and wiped by `release()`, or after each layer of each run.
 *
 * What this is worth in JavaScript: the arrays that hold weights are ours and are overwritten. The engine may have copied
 * small ones while it moved them, what node:crypto decrypts into is overwritten here but not locked in memory, and whoever
 * can read the memory of the process while it runs can read the weights.
 */
import { ArgumentError } from '@tacit/errors';
import { type ConcreteGraph, type ModelGraph, numbersOf, type PlainTensor, specialize } from '@tacit/graph';
import { buildGraph, type OnnxModel, parseOnnx, UnsupportedModelError } from '@tacit/onnx';
import { LockError } from '../errors.js';
import type { LockKey } from '../keys/key.js';
import { MARK_ENTRY } from '../mark/mark.js';
import { writeWeights } from '../weights/write.js';
import { fromOrt, type OrtTensorLike, toOrt } from './feeds.js';
import { formatOf, numbersIn } from './formats.js';
import type { DeepLockBody } from './key.js';
import { runPlain } from './run-plain.js';
import { deepUnlock, type LockedTensors, lockedTensors } from './unlock.js';

/** The part of an `InferenceSession` of onnxruntime-common that is used and offered here. */
export interface SessionLike {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OrtTensorLike>>): Promise<Record<string, OrtTensorLike>>;
  release(): Promise<void>;
}

/** A session of the runtime that was given, or ours. */
export interface OpenLockedOptions<S extends { release(): Promise<void> } = SessionLike> {
  /**
   * Makes the session that computes, as `(model) => InferenceSession.create(model)` of onnxruntime-node. It gets the whole
   * unlocked file, which is wiped once it has made the session; what the runtime keeps is the runtime's. Default: the
   * evaluator of @tacit/graph, in double precision.
   */
  readonly create?: (model: Uint8Array) => Promise<S>;
  /** Wipe each layer's weights as soon as it was computed, and open them again in the next run. Only without `create`. */
  readonly everyRun?: boolean;
  /** Shapes of inputs, by name, in place of those that the file declares. Only without `create`. */
  readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>>;
}

/**
 * Opens a locked model for inference.
 * @param file the bytes of a locked file
 * @param key its key
 * @param options the runtime, and how long weights stay
 * @returns a session; `release()` wipes the weights and this session's copy of the key
 * @throws LockError (`LOCK_STATE`, `LOCK_DAMAGED`), LockKeyError (`LOCK_KEY_MODEL`); UnsupportedModelError where our
 * evaluator does not know an operator
 * @example
 * const session = await openLocked(file, key);
 * const { logits } = await session.run({ image: { type: 'float32', data, dims: [1, 1, 28, 28] } });
 * await session.release();
 */
export function openLocked(
  file: Uint8Array,
  key: LockKey<DeepLockBody>,
  options?: OpenLockedOptions<SessionLike>,
): Promise<SessionLike>;
export function openLocked<S extends { release(): Promise<void> }>(
  file: Uint8Array,
  key: LockKey<DeepLockBody>,
  options: OpenLockedOptions<S> & { readonly create: (model: Uint8Array) => Promise<S> },
): Promise<S>;
export async function openLocked<S extends { release(): Promise<void> }>(
  file: Uint8Array,
  key: LockKey<DeepLockBody>,
  options: OpenLockedOptions<S> = {},
): Promise<S | SessionLike> {
  const { create, everyRun = false, inputShapes } = options;
  if (!create) return new LockedSession(file, key, everyRun, inputShapes);
  if (everyRun || inputShapes)
    throw new ArgumentError('everyRun and inputShapes are of our evaluator, not of another');
  const unlocked = await deepUnlock(file, key);
  try {
    return await create(unlocked);
  } finally {
    unlocked.fill(0);
  }
}

class LockedSession implements SessionLike {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #secret: Uint8Array;
  readonly #tensors: LockedTensors;
  readonly #model: OnnxModel;
  readonly #graph: ModelGraph;
  /** Weights that are opened only when a layer needs them. */
  readonly #lazy: ReadonlySet<string>;
  /** Weights that are open. */
  readonly #open = new Map<string, PlainTensor>();
  readonly #concrete = new Map<string, ConcreteGraph>();
  readonly #everyRun: boolean;
  #released = false;

  constructor(
    file: Uint8Array,
    key: LockKey<DeepLockBody>,
    everyRun: boolean,
    inputShapes: OpenLockedOptions['inputShapes'],
  ) {
    // Copies, so that nobody's wiping of the key, or change of the file, ends in other weights.
    this.#secret = key.body.secret.slice();
    this.#tensors = lockedTensors(file.slice(), { ...key, body: { secret: this.#secret } });
    this.#everyRun = everyRun;
    const built = build(file, this.#tensors, inputShapes);
    this.#model = built.model;
    this.#graph = built.graph;
    this.#lazy = built.lazy;
    this.inputNames = this.#graph.inputs.map(({ name }) => name);
    this.outputNames = this.#graph.outputs.map(({ name }) => name);
  }

  async run(feeds: Readonly<Record<string, OrtTensorLike>>): Promise<Record<string, OrtTensorLike>> {
    if (this.#released) throw new LockError('LOCK_STATE', 'the session was released: open the model again');
    const inputs = new Map(Object.entries(feeds).map(([name, tensor]) => [name, fromOrt(name, tensor)]));
    const shapes = Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
    const known = JSON.stringify(shapes);
    const graph = this.#concrete.get(known) ?? specialize(this.#graph, shapes);
    this.#concrete.set(known, graph);
    const outputs = runPlain(graph, inputs, {
      take: (name) => (this.#lazy.has(name) ? this.#weight(name) : undefined),
      done: () => {
        if (this.#everyRun) this.#wipe();
      },
    });
    const types = new Map(this.#model.graph.outputs.map(({ name, elementType }) => [name, elementType]));
    return Object.fromEntries(
      [...outputs].map(([name, tensor]) => [name, toOrt(tensor, types.get(name) ?? 1)]),
    );
  }

  #weight(name: string): PlainTensor {
    const open = this.#open.get(name);
    if (open) return open;
    const weight = this.#tensors.locked.get(name);
    const format = weight && formatOf(weight.type);
    if (!weight || !format)
      throw new LockError('LOCK_STATE', `${JSON.stringify(name)} is not a locked weight`);
    const bytes = this.#tensors.open(name);
    const tensor = { shape: [...weight.shape], data: numbersIn(bytes, format) };
    bytes.fill(0);
    this.#open.set(name, tensor);
    return tensor;
  }

  #wipe(): void {
    for (const { data } of this.#open.values()) data.fill(0);
    this.#open.clear();
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#wipe();
    for (const tensor of [...this.#graph.parameters.values(), ...this.#model.graph.initializers.values()]) {
      // In the precision of the file, and what was made of it in double precision.
      numbersOf(tensor).fill(0);
      tensor.data.fill(0);
    }
    this.#concrete.clear();
    this.#secret.fill(0);
  }
}

/** The network of a locked file. */
interface Built {
  readonly model: OnnxModel;
  readonly graph: ModelGraph;
  readonly lazy: ReadonlySet<string>;
}

/**
 * Builds the graph of a file in which weights that can wait are zeros, as one builds it for training: nothing is computed
 * from weights beforehand then, and each is a parameter under its name. Where an operator needs a value to be built, as an
 * exponent, all is opened now.
 */
function build(
  file: Uint8Array,
  tensors: LockedTensors,
  inputShapes: OpenLockedOptions['inputShapes'],
): Built {
  const waits = new Set(
    [...tensors.locked.values()]
      .filter(({ type, shape }) => formatOf(type) && shape.length > 0)
      .map(({ name }) => name),
  );
  try {
    return buildWith(file, tensors, waits, inputShapes);
  } catch (error) {
    if (!(error instanceof UnsupportedModelError)) throw error;
    return buildWith(file, tensors, new Set(), inputShapes);
  }
}

function buildWith(
  file: Uint8Array,
  { locked, open }: LockedTensors,
  waits: ReadonlySet<string>,
  inputShapes: OpenLockedOptions['inputShapes'],
): Built {
  const contents = new Map<string, Uint8Array>();
  for (const [name, { bytes }] of locked)
    contents.set(name, waits.has(name) ? new Uint8Array(bytes.length) : open(name));
  const shell = writeWeights(file, contents, { metadata: { [MARK_ENTRY]: undefined } });
  try {
    const model = parseOnnx(shell);
    const graph = buildGraph(model, { inputShapes, trainable: waits.size > 0 });
    // What does not go by its name any more cannot be opened later.
    for (const name of waits)
      if (graph.parameters.get(name)?.role === undefined && isUsed(model, name))
        throw new UnsupportedModelError([]);
    return { model, graph, lazy: waits };
  } finally {
    shell.fill(0);
    for (const bytes of contents.values()) bytes.fill(0);
  }
}

const isUsed = ({ graph }: OnnxModel, name: string): boolean =>
  graph.nodes.some(({ inputs }) => inputs.includes(name)) ||
  graph.outputs.some((output) => output.name === name);
