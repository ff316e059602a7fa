/** What the parties of a training are told, and what they tell. */
import type { TrainConfig } from './config.js';
import type { Places } from './config-file.js';
import type { Layout } from './layout.js';
import type { StepPlan } from './plan.js';

export interface TrainTask {
  readonly config: TrainConfig;
  readonly places: Places;
  /** Whether to go on from the checkpoint. */
  readonly resume: boolean;
}

/** Notices of a party, for the progress line. */
export type TrainNotice =
  | { readonly phase: 'setup' }
  | { readonly phase: 'step'; readonly epoch: number; readonly step: number; readonly steps: number }
  | { readonly phase: 'epoch'; readonly epoch: EpochRow };

/** Counters of one party. */
export interface Traffic {
  readonly rounds: number;
  /** To the other parties. */
  readonly bytesSent: number;
  /** What the dealer sent to this party. */
  readonly dealerBytes: number;
}

/** What an epoch showed to a party: of losses and accuracies only those that it was told. */
export interface EpochRow {
  /** From 1. */
  readonly epoch: number;
  readonly loss?: number;
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly ms: number;
  readonly traffic: Traffic;
}

/** Operations of one kind, of the whole training. */
export interface OperationTotal {
  readonly name: string;
  readonly count: number;
  /** Rounds of each, added up: those of operations that share their rounds, too. */
  readonly rounds: number;
  readonly bytes: number;
  readonly ms: number;
}

export interface TrainResult {
  readonly layout: Layout;
  readonly plan: StepPlan;
  readonly seed: number;
  /** Epochs before, of a training that went on. */
  readonly resumedAfter: number;
  readonly setup: Traffic & { readonly ms: number };
  readonly epochs: readonly EpochRow[];
  readonly operations: readonly OperationTotal[];
}
