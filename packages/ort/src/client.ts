/**
 * What opens a private model. `connect` of `@tacit/service/client` is of this form; so may be anything else that computes a
 * model elsewhere.
 */

/** Elements of a tensor, row-major. Those of float16 are bits in a Uint16Array, or values where the array has them. */
export type TensorData = ArrayLike<number> | ArrayLike<bigint>;

/** A tensor of onnxruntime-common, of whatever copy of it: only these fields are read. */
export interface TensorLike {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** A tensor of numbers that a model gives: onnxruntime-common's type of its data has texts in it, too. */
export interface ResultTensor extends Omit<TensorLike, 'data'> {
  readonly data: unknown;
}

/** An input or an output of a private model; sizes that are not numbers are open. */
export interface SlotInfo {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** As onnxruntime-common calls it: float32, int64, bool, … */
  readonly type: string;
}

/** What everybody may know of a private model. */
export interface ModelInfo {
  readonly name: string;
  readonly inputs: readonly SlotInfo[];
  readonly outputs: readonly SlotInfo[];
  /** Who learns what. */
  readonly learns: object;
}

/** How one run is watched and ended. */
export interface PrivateRunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: unknown) => void;
}

/** A model that others hold, computed with them. */
export interface PrivateModel {
  readonly info: ModelInfo;
  /** What it cost so far: rounds, bytes, milliseconds. */
  readonly stats: object;
  run(
    feeds: Readonly<Record<string, TensorLike>>,
    options?: PrivateRunOptions,
  ): Promise<Readonly<Record<string, ResultTensor>>>;
  close(): Promise<void>;
}

/** How a model is opened. */
export interface ConnectOptions {
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: unknown) => void;
  /** Shapes to prepare for, by the names of inputs. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** How long a service may be busy, in ms. */
  readonly waitMs?: number;
  /** The key of the dealer that is trusted; an invite with another one is refused. */
  readonly dealerKey?: string;
  /** Accepts an invite whose dealer is the service's own, which could see everything: for trying out only. */
  readonly trial?: boolean;
}

/** Opens the model that an invite names. */
export type Connect = (invite: string, options?: ConnectOptions) => Promise<PrivateModel>;
