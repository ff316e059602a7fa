/**
 * A stand-in for ONNX Runtime: `InferenceSession`, `Tensor` and `env`, as libraries read them from `onnxruntime-web` or from
 * `globalThis[Symbol.for('onnxruntime')]`. A stub is opened as a private model; small graphs without weights are computed in
 * the clear where the program runs; all else is refused, or given to a runtime of the program's choice.
 */
import { ArgumentError } from '@tacit/errors';
import { env as ortEnv } from 'onnxruntime-common';
import { openClear } from '../clear/clear-session.js';
import { StubError } from '../errors.js';
import { type FileSource, loadFile } from '../load-file.js';
import { extraOf, type SessionCore, type SlotMetadata } from '../session/core.js';
import { type OpenOptions, openPrivate, type SessionOptions } from '../session/open-private.js';
import { readModelFile } from '../stub/model-file.js';
import { claimsToBeStub, LARGEST_STUB, stubFrom } from '../stub/read-stub.js';
import { asTensor, Tensor } from '../tensors/tensor-class.js';
import { createArguments, runArguments } from './arguments.js';
import { type OtherRuntime, openOther } from './other-runtime.js';

/** How files are computed. */
export interface RuntimeOptions extends OpenOptions {
  /** Computes all files that are no stubs, in the clear, where the program runs. Default: small graphs without weights only. */
  readonly others?: OtherRuntime;
}

/** A session, as programs drive those of onnxruntime-common. */
export interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  /** Feeds; optionally names of outputs, or options, or both. Options: `{ extra: { tacit: { signal, onProgress } } }`. */
  run(...given: readonly unknown[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
  startProfiling(): void;
  endProfiling(): void;
}

/** What stands in for the module. */
export interface Runtime {
  readonly InferenceSession: {
    /** A path, bytes, or a part of a buffer; optionally options, whose `extra.tacit` has what `connect` takes, and an invite. */
    create(...given: readonly unknown[]): Promise<RuntimeSession>;
  };
  readonly Tensor: typeof Tensor;
  readonly env: Record<string, unknown>;
}

/**
 * Makes a runtime.
 * @param options how private models are opened, and who computes other files
 * @returns an object with what libraries use of the module onnxruntime-web
 * @throws ArgumentError where `connect` is not a function
 * @example
 * globalThis[Symbol.for('onnxruntime')] = createRuntime({ connect });
 * const { pipeline } = await import('@huggingface/transformers');
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  if (typeof options.connect !== 'function') throw new ArgumentError('connect is not a function');
  class InferenceSession extends Session {
    static async create(...given: readonly unknown[]): Promise<RuntimeSession> {
      const { source, options: own } = createArguments(given);
      return new InferenceSession(await open(source, own, options));
    }
  }
  return { InferenceSession, Tensor, env: newEnv() };
}

async function open(
  source: FileSource,
  own: Readonly<Record<string, unknown>>,
  { others, ...options }: RuntimeOptions,
): Promise<SessionCore> {
  const { bytes, label } = await loadFile(source, LARGEST_STUB);
  const file = bytes && readModelFile(bytes);
  if (file && claimsToBeStub(file)) {
    if (Array.isArray(own.externalData) && own.externalData.length > 0)
      throw new StubError('STUB_WEIGHTS', `${label} comes with external data, which a stub has none of`);
    const { freeDimensionOverrides } = own as SessionOptions;
    return openPrivate(stubFrom(file), options, { freeDimensionOverrides, ...extraOf(own) });
  }
  if (others) return openOther(others, source, own);
  if (!bytes)
    throw new StubError(
      'STUB_WEIGHTS',
      `${label} is not a stub: it is larger than ${LARGEST_STUB} bytes, so that the model itself is here. Make a stub of it with: tacit stub MODEL.onnx`,
    );
  return openClear(bytes, label);
}

/** Extensible, since libraries write fields of their own on sessions. */
class Session implements RuntimeSession {
  readonly #core: SessionCore;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  get inputNames(): readonly string[] {
    return this.#core.inputNames;
  }
  get outputNames(): readonly string[] {
    return this.#core.outputNames;
  }
  get inputMetadata(): readonly SlotMetadata[] {
    return this.#core.inputMetadata;
  }
  get outputMetadata(): readonly SlotMetadata[] {
    return this.#core.outputMetadata;
  }

  async run(...given: readonly unknown[]): Promise<Record<string, Tensor>> {
    const { feeds, fetches, options } = runArguments(this.outputNames, given);
    const made = await this.#core.run(feeds, fetches, extraOf(options));
    return Object.fromEntries(Object.entries(made).map(([name, tensor]) => [name, asTensor(tensor)]));
  }

  release(): Promise<void> {
    return this.#core.release();
  }
  startProfiling(): void {}
  endProfiling(): void {}
}

/**
 * Settings that programs write, of which none does anything here. `versions` has neither `web` nor `node`, by which libraries
 * know ONNX Runtime's own builds and fetch their WebAssembly.
 */
const newEnv = (): Record<string, unknown> => ({
  versions: { common: ortEnv.versions.common, tacit: true },
  logLevel: 'warning',
  debug: false,
  trace: false,
  wasm: {},
  webgl: {},
  webgpu: {},
});
