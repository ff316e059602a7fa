/** What a session does, whoever computes: the part of onnxruntime-common's InferenceSession that is not about arguments. */
import type { TensorLike } from '../client.js';

/** As onnxruntime-common describes an input or an output. */
export interface SlotMetadata {
  readonly name: string;
  readonly isTensor: true;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** How a run is ended early; from `extra.tacit` of onnxruntime's RunOptions. */
export interface CoreRunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: unknown) => void;
}

/** A session. */
export interface SessionCore {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly SlotMetadata[];
  readonly outputMetadata: readonly SlotMetadata[];
  /** All outputs that are named. */
  run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[],
    options?: CoreRunOptions,
  ): Promise<Record<string, TensorLike>>;
  release(): Promise<void>;
}

/**
 * Inputs or outputs as onnxruntime-common describes them.
 * @param slots names, types, and shapes as far as they are known
 * @returns the same; a shape that is not known is empty
 */
export const metadataOf = (
  slots: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly (number | string)[] | undefined;
  }[],
): readonly SlotMetadata[] =>
  slots.map(({ name, type, shape }) => ({ name, isTensor: true, type, shape: shape ?? [] }));

/**
 * What the options of a run say to a private model.
 * @param options RunOptions of onnxruntime-common; `extra.tacit` has a signal and a listener
 * @returns these
 */
export function runOptionsOf(options: { readonly extra?: unknown } | undefined): CoreRunOptions {
  const { tacit } = (options?.extra ?? {}) as { readonly tacit?: CoreRunOptions };
  return { signal: tacit?.signal, onProgress: tacit?.onProgress };
}
