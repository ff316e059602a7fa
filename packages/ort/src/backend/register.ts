/**
 * Private models as a backend of onnxruntime-common: `InferenceSession.create(stub, { executionProviders: ['tacit'] })`.
 *
 * The interface is that of lib/backend.ts of onnxruntime-common 1.30: exported, though not documented.
 */
import { ArgumentError } from '@tacit/errors';
import type { TensorLike } from '../client.js';
import { StubError } from '../errors.js';
import { type FileSource, loadFile } from '../load-file.js';
import { extraOf, type SlotMetadata } from '../session/core.js';
import { type OpenOptions, openPrivate, type SessionOptions } from '../session/open-private.js';
import { readModelFile } from '../stub/model-file.js';
import { LARGEST_STUB, stubFrom } from '../stub/read-stub.js';

/** A session as onnxruntime-common's InferenceSession drives it. */
export interface SessionHandler {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: Readonly<Record<string, unknown>>,
    options?: { readonly extra?: unknown },
  ): Promise<Record<string, TensorLike>>;
  dispose(): Promise<void>;
  startProfiling(): void;
  endProfiling(): void;
}

/** A backend as onnxruntime-common takes it. */
export interface TacitBackend {
  init(name: string): Promise<void>;
  createInferenceSessionHandler(
    source: FileSource,
    options?: {
      readonly executionProviders?: readonly (string | { readonly name: string })[];
      readonly externalData?: readonly unknown[];
      readonly freeDimensionOverrides?: Readonly<Record<string, number>>;
    },
  ): Promise<SessionHandler>;
}

/** What `executionProviders: [{ name: 'tacit', … }]` may say: an invite, and what `connect` takes. */
export interface TacitProviderOptions extends SessionOptions {
  readonly name: string;
}

/** How the backend is registered. */
export interface RegisterOptions extends OpenOptions {
  /** What programs call it. Default `tacit`. */
  readonly name?: string;
}

/** The part of onnxruntime-common that is needed; onnxruntime-web and onnxruntime-node export it, too. */
export interface BackendRegistry {
  // biome-ignore lint/suspicious/noExplicitAny: its Backend has types that differ between releases
  registerBackend(name: string, backend: any, priority: number): void;
}

/** Below 0 a backend is used only where its name is asked for. */
const PRIORITY = -1;

/**
 * The backend by itself, for runtimes that register backends in another way.
 * @param options how models are opened
 * @returns a backend; sessions are made of stubs only
 */
export function tacitBackend({ name = 'tacit', ...open }: RegisterOptions): TacitBackend {
  return {
    init: async () => {},
    createInferenceSessionHandler: async (source, options = {}) => {
      const provider = options.executionProviders?.find(
        (one): one is TacitProviderOptions => typeof one === 'object' && one.name === name,
      );
      const { bytes, label } = await loadFile(source, LARGEST_STUB);
      if (!bytes)
        throw new StubError(
          'STUB_WEIGHTS',
          `${label} is not a stub: it is larger than ${LARGEST_STUB} bytes`,
        );
      if (options.externalData && options.externalData.length > 0)
        throw new StubError('STUB_WEIGHTS', `${label} comes with external data, which a stub has none of`);
      const { freeDimensionOverrides } = options;
      const { name: _, ...said } = { freeDimensionOverrides, ...(provider ?? { name }) };
      const stub = stubFrom(readModelFile(bytes), said.invite !== undefined);
      const session = await openPrivate(stub, open, said);
      const { inputNames, outputNames, inputMetadata, outputMetadata } = session;
      return {
        inputNames,
        outputNames,
        inputMetadata,
        outputMetadata,
        run: async (feeds, fetches, runOptions) => {
          const made = await session.run(feeds, Object.keys(fetches), extraOf(runOptions));
          for (const [output, place] of Object.entries(fetches)) made[output] = putInto(place, made[output]);
          return made;
        },
        dispose: () => session.release(),
        startProfiling: () => {},
        endProfiling: () => {},
      };
    },
  };
}

/** A tensor that the program gave for an output is filled, where it is of the same type and size. */
function putInto(place: unknown, made: TensorLike): TensorLike {
  const given = place as TensorLike | null | undefined;
  if (!given || given.type !== made.type || String(given.dims) !== String(made.dims)) return made;
  (given.data as Float32Array).set(made.data as Float32Array);
  return given;
}

/**
 * Makes `executionProviders: ['tacit']` known to a copy of ONNX Runtime. Sessions that do not ask for it are as before.
 * @param ort the copy that the program uses: onnxruntime-common, onnxruntime-web or onnxruntime-node. Each has a list of
 * backends of its own
 * @param options how models are opened
 * @throws ArgumentError where `ort` takes no backends, or has another one of this name
 * @example
 * import * as ort from 'onnxruntime-web';
 * registerTacit(ort, { connect });
 * const session = await ort.InferenceSession.create(stub, { executionProviders: ['tacit'] });
 */
export function registerTacit(ort: BackendRegistry, options: RegisterOptions): void {
  const { name = 'tacit', connect } = options;
  if (typeof ort?.registerBackend !== 'function')
    throw new ArgumentError('give the module onnxruntime-common, onnxruntime-web or onnxruntime-node');
  if (typeof connect !== 'function') throw new ArgumentError('connect is not a function');
  try {
    ort.registerBackend(name, tacitBackend(options), PRIORITY);
  } catch (error) {
    throw new ArgumentError(
      `this copy of ONNX Runtime has a backend ${JSON.stringify(name)} already; register once (${(error as Error).message})`,
    );
  }
}
