import type { Ciphertext } from '@tacit/rlwe';

export type { StageRange } from '../plan/stage-range.js';

/** Called after every stage with its time in milliseconds and its result. */
export type StageObserver = (stage: number, ms: number, values: readonly Ciphertext[]) => void;
