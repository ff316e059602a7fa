/** What programs know of a model elsewhere. */
import type { Tensor } from 'onnxruntime-common';
import type { ModelValue } from '../program/offer.js';
import type { Feeds } from './values.js';

/** How far connecting is. */
export type ConnectProgress =
  | { readonly phase: 'connecting' | 'preparing' | 'ready' }
  /** The service is busy, and is asked again. */
  | { readonly phase: 'waiting'; readonly reason: string };

export interface ConnectOptions {
  /** Gives up connecting, and ends the session later on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ConnectProgress) => void;
  /** Shapes of inputs to prepare for, by name. Default: those of the file, with 1 for sizes that it leaves open. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** How long a service may be busy, in ms. Default 30 s. */
  readonly waitMs?: number;
  /** The key of the dealer that the caller trusts, 64 hexadecimal digits; an invite with another one is refused. */
  readonly dealerKey?: string;
  /**
   * Accepts an invite whose dealer is the service's own. It could see everything: for trying out only. Default false.
   */
  readonly trial?: boolean;
  /**
   * In web pages only: where the file `worker/client-worker.js` of this package is, for pages whose bundler does not find it
   * by itself, or a worker that runs it. Default: beside the module of the client.
   */
  readonly worker?: string | URL | Worker;
}

export interface RunOptions {
  /** Stops waiting for the answer. The question goes on, and counts. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly phase: 'running'; readonly done: number }) => void;
}

/** What is known of a model. */
export interface ModelInfo {
  readonly name: string;
  /** What its owner calls itself. */
  readonly service: string;
  readonly dealer: {
    readonly name: string;
    /** By which the client knows it, hexadecimal: to be compared with what the dealer's owner says. */
    readonly key: string;
    /** The service deals, too, and could see everything. */
    readonly ofTheService: boolean;
  };
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Who learns what. */
  readonly learns: {
    readonly client: readonly string[];
    readonly service: readonly string[];
    readonly dealer: readonly string[];
  };
}

/** What a client has sent, received and waited for, without TLS or WebSockets. */
export interface ModelStats {
  readonly rounds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Questions that were answered. */
  readonly runs: number;
  /** Sessions that were opened: one, and one more for each that had ended when a question came. */
  readonly sessions: number;
  /** What `connect` took, in ms. */
  readonly connectMs: number;
  /** The last question. Where several were under way at once, what passed during it. */
  readonly last:
    | {
        readonly rounds: number;
        readonly bytesSent: number;
        readonly bytesReceived: number;
        readonly ms: number;
      }
    | undefined;
}

/** A model of somebody else. */
export interface PrivateModel {
  readonly info: ModelInfo;
  readonly stats: ModelStats;
  /**
   * Asks the model. Its owner learns nothing of the inputs or outputs, this client nothing of the weights.
   * @param feeds all inputs by name: tensors of onnxruntime-common, or numbers in the order of the input's shape
   * @param options a signal, progress
   * @returns all outputs by name
   * @throws ModelFeedsError where they do not fit; what ended the session, which names the member that was lost
   */
  run(feeds: Feeds, options?: RunOptions): Promise<Record<string, Tensor>>;
  /** Says goodbye, after what is under way. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
