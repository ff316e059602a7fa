/**
 * What the service needs of the evaluator below it. An engine lives in one worker thread, computes synchronously
 * and knows nothing of HTTP, tenants or files; it validates every byte that it is given.
 *
 * A module with an engine exports `createEngine`. Errors that say what is wrong with the caller's bytes have a
 * string `code` (`HeError`); an error without one, or HE_LIBRARY or HE_DISPOSED, means that the engine itself failed, and its worker is replaced.
 */

/** One layer of a compiled model; the numbers are there where the planner knows them. */
export interface EngineLayer {
  readonly name: string;
  /** Ciphertexts that enter the layer for one image. */
  readonly inputCiphertexts?: number;
  /** Largest envelope of one of them, in bytes. */
  readonly inputBytesMax?: number;
}

/** A compiled server artefact in the memory of one worker. */
export interface LoadedModel {
  readonly id: string;
  /** Hex SHA-256 of the encryption parameters. */
  readonly parametersId: string;
  readonly layers: readonly EngineLayer[];
  /** Ciphertexts of one image. */
  readonly inputCiphertexts: number;
  /** Largest envelope of one of them, in bytes. */
  readonly inputBytesMax: number;
  readonly outputCiphertexts: number;
  readonly outputBytesMax: number;
  /** Largest envelope of evaluation keys, in bytes. */
  readonly keyBytesMax: number;
}

/** Evaluation keys in the memory of one worker. */
export interface KeyHandle {
  /** Memory that they take, in bytes. */
  readonly bytes: number;
  dispose(): void;
}

/** Layers `from` to `to`, both included. */
export interface LayerRange {
  readonly from: number;
  readonly to: number;
}

/** An evaluator of compiled models. */
export interface Engine {
  loadModel(serverArtefact: Uint8Array): Promise<LoadedModel>;
  /** Validates and loads an envelope of evaluation keys for `model`. */
  loadKeys(model: LoadedModel, envelope: Uint8Array): Promise<KeyHandle>;
  /** Envelopes of the ciphertexts of one image in, those of its result out. All layers unless `range` says which. */
  evaluate(
    model: LoadedModel,
    keys: KeyHandle,
    inputs: readonly Uint8Array[],
    range?: LayerRange,
  ): Promise<Uint8Array[]>;
}

/** What the module of an engine exports. */
export interface EngineModule {
  createEngine(): Engine | Promise<Engine>;
}
