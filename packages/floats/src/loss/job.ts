/** What a pass is made of, in a form that travels to threads. */
import type { ModelGraph, ParameterSlot } from '@tacit/graph';

/** A network without the values of its parameters, and how it is computed. */
export interface Job {
  readonly graph: ModelGraph<ParameterSlot>;
  /** Examples at a time. */
  readonly batch: number;
  /** Names of the parameters whose gradients are wanted, in the order of the result. */
  readonly wanted: readonly string[];
  readonly memoryBytes: number;
}

/** Numbers of every parameter by name, in memory that threads share. */
export type SharedParameters = ReadonlyMap<string, Float32Array<SharedArrayBuffer>>;

/** Examples for one pass. */
export interface Examples {
  /** Sizes of one example. */
  readonly shape: readonly number[];
  readonly images: Float32Array<SharedArrayBuffer>;
  readonly labels: Float64Array<SharedArrayBuffer>;
}

/** Examples from `start` on. */
export interface Part {
  readonly start: number;
  readonly count: number;
}

/** Sums over some parts of a pass. */
export interface Sums {
  /** Divided by the number of all examples. */
  loss: number;
  correct: number;
  /** For each wanted name. */
  readonly gradients: readonly Float32Array<ArrayBuffer>[];
}
