import type { Ciphertext } from '@tacit/rlwe';

/** Stages `from` to `to`, both included, counted from 0. */
export interface StageRange {
  readonly from: number;
  readonly to: number;
}

/** Called after every stage with its time in milliseconds and its result. */
export type StageObserver = (stage: number, ms: number, values: readonly Ciphertext[]) => void;
