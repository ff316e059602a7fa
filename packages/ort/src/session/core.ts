/** What a session does, whoever computes: the part of onnxruntime-common's InferenceSession that is not about arguments. */
import type { PrivateRunOptions, TensorLike } from '../client.js';

/** As onnxruntime-common describes an input or an output. */
export interface SlotMetadata {
  readonly name: string;
  readonly isTensor: true;
  readonly type: string;
  readonly shape: readonly (number | string)[];
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
    options?: PrivateRunOptions,
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
 * What options of onnxruntime-common say to private models.
 * @param options of a session or of a run
 * @returns their `extra.tacit`, which other runtimes pass over
 */
export const extraOf = (
  options: { readonly extra?: unknown } | undefined,
): Readonly<Record<string, unknown>> =>
  ((options?.extra as { readonly tacit?: object } | undefined)?.tacit ?? {}) as Readonly<
    Record<string, unknown>
  >;
