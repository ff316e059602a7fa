/** What the parties of a prediction are told, and what they tell. */
import type { EncryptionMode } from '@tacit/nn';

/** A .npy file that one party reads or writes. */
export interface OwnedFile {
  readonly file: string;
  /** Rank of the party. */
  readonly owner: number;
}

/** The file of an input or output of a model. */
export interface NamedFile extends OwnedFile {
  /** Left out: the model's only input, or its first output. */
  readonly name?: string;
}

export interface PredictArguments {
  readonly model: string;
  readonly inputs: readonly NamedFile[];
  readonly outputs: readonly NamedFile[];
  readonly modelOwner: number;
  readonly dataOwner: number;
  readonly mode: EncryptionMode;
  readonly repeat: number;
  /** Bounds of every element of the input, public. */
  readonly inputRange?: readonly [low: number, high: number];
  /** Inputs of the model that everybody may know, and what they are. */
  readonly publicInputs?: Readonly<Record<string, number | readonly number[]>>;
}

/** Notices of the data owner, for the progress line. */
export type PredictNotice =
  | { readonly phase: 'setup' }
  /** From the model's owner: layers that the stated input range does not keep in their range. */
  | { readonly phase: 'range'; readonly warning: string }
  | {
      readonly phase: 'inference';
      readonly index: number;
      readonly operations: number;
      readonly done: number;
    };

/** An operation of the protocols as one party saw it, in the order of finishing. */
export interface OperationRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rounds: number;
  readonly bytes: number;
  readonly ms: number;
}

/** Counters of one party over one inference, or over the setup. */
export interface Traffic {
  readonly rounds: number;
  /** To the other parties. What it asks of the dealer is some hundred bytes an operation and not in here. */
  readonly bytesSent: number;
  /** What of it operations sent, without keys, frames and announcements: what `explain` knows beforehand. */
  readonly payloadSent: number;
  /** What the dealer sent to this party. */
  readonly dealerBytes: number;
  /** What of it are corrections, without keys and frames. */
  readonly dealerPayload: number;
}

export interface PredictResult {
  readonly outputShape: readonly number[];
  readonly setup: Traffic;
  /** When the first inference could begin, in ms since the epoch. */
  readonly readyAt: number;
  /** The last inference; all inferences cost the same. */
  readonly inference: Traffic;
  /** One an inference, from the data owner's input to its output. */
  readonly inferenceMs: readonly number[];
  readonly operations: readonly OperationRow[];
}
