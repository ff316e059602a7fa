/** What the pool and its worker threads say to each other. A worker has at most one task at a time. */
import type { LayerRange, LoadedModel } from './engine.js';

/** Where a worker finds evaluation keys that it has not loaded yet. */
export interface KeySource {
  /** Name of these keys in the caches of the workers; unlike for different owners. */
  readonly tag: string;
  /** File with the envelope, or the envelope in memory that all threads see. */
  readonly place: { readonly path: string } | { readonly shared: SharedArrayBuffer };
  /** Hex SHA-256 of the envelope. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Compute one image. */
export interface EvaluateTask {
  readonly kind: 'evaluate';
  readonly modelId: string;
  readonly key: KeySource;
  readonly inputs: readonly Uint8Array[];
  readonly range?: LayerRange;
}

/** Load keys (and keep them in the cache) to see whether the engine accepts them. */
export interface CheckKeysTask {
  readonly kind: 'check-keys';
  readonly modelId: string;
  readonly key: KeySource;
}

export type Task = EvaluateTask | CheckKeysTask;

/** What a task costs, and what came out. */
export interface TaskResult {
  /** Envelopes of ciphertexts; none for a check of keys. */
  readonly outputs: Uint8Array[];
  readonly keysWereCached: boolean;
  /** Time in the worker, in milliseconds. */
  readonly loadKeysMs: number;
  readonly evaluateMs: number;
}

/** `workerData` of a worker. */
export interface WorkerSetup {
  /** URL of the module that exports `createEngine`. */
  readonly engine: string;
  readonly artefacts: readonly Uint8Array[];
  readonly keyCacheBytes: number;
}

export type ToWorker =
  | { readonly type: 'task'; readonly task: Task }
  | { readonly type: 'drop-key'; readonly tag: string };

export type FromWorker =
  | { readonly type: 'ready'; readonly models: readonly LoadedModel[] }
  /** The worker cannot start: `artefact` is the index of the one it could not load, -1 for the engine itself. */
  | { readonly type: 'unusable'; readonly artefact: number; readonly code: string; readonly message: string }
  | { readonly type: 'done'; readonly result: TaskResult; readonly cachedKeys: readonly string[] }
  /** The engine says what is wrong with the caller's bytes; the worker goes on. */
  | {
      readonly type: 'refused';
      readonly code: string;
      readonly message: string;
      readonly cachedKeys: readonly string[];
    }
  /** The engine failed; nobody knows its state. */
  | { readonly type: 'failed'; readonly message: string };
