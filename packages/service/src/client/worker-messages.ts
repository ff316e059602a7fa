/** What a page and the worker that computes for it say to each other. */
import type { ConnectOptions, ConnectProgress, ModelInfo, ModelStats } from './types.js';
import type { Answer, Feeds } from './values.js';

/** Options of `connect` that can be sent. */
export type SentOptions = Pick<ConnectOptions, 'inputShapes' | 'waitMs' | 'dealerKey' | 'trial'>;

export type ToWorker =
  | { readonly type: 'connect'; readonly invite: string; readonly options: SentOptions }
  | { readonly type: 'run'; readonly id: number; readonly feeds: Feeds }
  /** Gives up connecting. */
  | { readonly type: 'abort' }
  | { readonly type: 'close' };

/** An error, which loses its class on the way. */
export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly remoteCode: string | undefined;
  readonly service: string | undefined;
  readonly address: string | undefined;
}

export type FromWorker =
  | { readonly type: 'progress'; readonly progress: ConnectProgress }
  | { readonly type: 'connected'; readonly info: ModelInfo; readonly stats: ModelStats }
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly answers: readonly Answer[];
      readonly stats: ModelStats;
    }
  | { readonly type: 'failed'; readonly id: number | undefined; readonly error: SentError }
  | { readonly type: 'closed' };
