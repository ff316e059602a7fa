/** What `explain` finds out. Bytes are payload: messages have keys and headers of some hundred bytes beside it. */
import type { MemoryEstimate } from './memory.js';
import type { Rates } from './rates.js';

/** An operation of the model, or the reveal of its outputs. */
export interface ExplainedOperation {
  /** Its first output in the graph; 'inputs' and 'outputs' for what comes before and after all of them. */
  readonly name: string;
  /** Operation of the graph, e.g. `Conv`. */
  readonly op: string;
  /** Of its result. */
  readonly shape: readonly number[];
  /** Protocols that it runs, in their order. */
  readonly protocols: readonly string[];
  /** What it adds to the longest chain of messages. */
  readonly rounds: number;
  /** By rank: payload that the party sends to all others. */
  readonly bytesSent: readonly number[];
  readonly dealerBytes: number;
  /** What it adds to the time. */
  readonly ms: number;
}

/** How long, and what of it computing and the lines take. They overlap, so the parts are no sum. */
export interface TimeEstimate {
  readonly ms: number;
  /**
   * The same on machines that compute and send in no time: half of a round trip for each message of the longest chain, that
   * to the dealer and its first answer included.
   */
  readonly waitingMs: number;
  /** By rank, the dealer last: milliseconds that the member computes. */
  readonly computingMs: readonly number[];
  /** The line that is in use for longest: from one rank to another; the dealer's rank is the number of parties. */
  readonly busiestLine?: { readonly from: number; readonly to: number; readonly ms: number };
}

/** What a model costs, without running it. */
export interface ExplainReport {
  readonly model: string;
  readonly parties: number;
  readonly mode: 'owned' | 'shared';
  readonly modelOwner: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly owner: number;
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly to: number;
  }[];
  /** The file fixes a batch size, and runs that many times side by side. */
  readonly runs: number;
  readonly parameters: number;
  /** Of one inference, from the inputs to the revealed outputs. */
  readonly rounds: number;
  /** By rank, to all other parties together. */
  readonly bytesSent: readonly number[];
  /** What the dealer sends, all of it to the last party. A tape of one inference has as many bytes of corrections. */
  readonly dealerBytes: number;
  readonly tapeBytes: number;
  /** Once for the model, before the first inference: its masked weights. */
  readonly setup: { readonly rounds: number; readonly bytesSent: readonly number[]; readonly ms: number };
  readonly operations: readonly ExplainedOperation[];
  /** Peak, each member in a process of its own. */
  readonly memory: MemoryEstimate;
  readonly network: {
    readonly roundTripMs: number;
    /** Of each direction between two members; left out where it takes no time. */
    readonly bytesPerSecond?: number;
    /** Processors that all members share; left out where each has a machine of its own. */
    readonly sharedCores?: number;
  };
  readonly computation: { readonly source: 'measured' | 'stated'; readonly rates: Rates };
  readonly time: TimeEstimate;
}
