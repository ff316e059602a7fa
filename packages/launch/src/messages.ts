/**
 * What the launcher and its members (parties and dealer) tell each other over the control channel: a MessagePort or
 * the IPC channel of a child process. Shares never travel here, only bootstrap data, events, results and errors.
 */
import type { ThreadEndpoint } from '@tacit/comm';
import type { ProtocolConfig } from '@tacit/mpc';
import type { EncodedLaunchError } from './launch-error.js';
import type { DealerMode, PartyTapes, TwinMode } from './options.js';
import type { EncodedError } from './remote-error.js';

/** What a party runs: a call of runMultiprocess in a module, or a function that a module exports. */
export type Program =
  | {
      readonly kind: 'call';
      readonly moduleUrl: string;
      readonly call: number;
      readonly earlier: RecordedCalls;
    }
  | {
      readonly kind: 'export';
      readonly moduleUrl: string;
      readonly name: string;
      readonly argument: unknown;
      readonly earlier: RecordedCalls;
    };

/** How a call ended: what the script gets when it runs again in a later party. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: EncodedLaunchError };

/** Outcomes so far, by `callKey`. */
export type RecordedCalls = ReadonlyMap<string, Outcome>;

export const callKey = (site: string, call: number): string => `${call} ${site}`;

/** How a member reaches the others. */
export type Link =
  | { readonly kind: 'threads'; readonly endpoint: ThreadEndpoint; readonly kernels: WebAssembly.Module }
  | {
      readonly kind: 'ws' /** By rank of the other: one for each pair, so that no member can pose as another. */;
      readonly tokens: readonly Uint8Array[];
      readonly sessionId: string;
    };

export interface StartMessage {
  readonly type: 'start';
  readonly rank: number;
  readonly parties: number;
  readonly dealer: DealerMode;
  /** This party's, where no dealer takes part. */
  readonly tapes?: PartyTapes | undefined;
  readonly config: ProtocolConfig;
  readonly twin?: TwinMode;
  readonly timeoutMs: number;
  readonly link: Link;
  /** For parties. */
  readonly program?: Program;
  /** The launching process's arguments, so that the module sees the same ones. */
  readonly argv: readonly string[];
}

export type ToMember =
  | StartMessage
  /** Where the members listen, by rank (ws only). */
  | { readonly type: 'addresses'; readonly addresses: readonly string[] }
  /** Another call of the module ended meanwhile. */
  | { readonly type: 'outcome'; readonly key: string; readonly outcome: Outcome }
  /** All parties are done: the dealer may end. */
  | { readonly type: 'finish' }
  | { readonly type: 'abort' };

export type FromMember =
  /** The party's function is about to start; with the address where the member listens (ws only). */
  | { readonly type: 'reached'; readonly address: string | undefined }
  | { readonly type: 'notice'; readonly data: unknown }
  | { readonly type: 'result'; readonly value: unknown; readonly peakRssBytes: number }
  | { readonly type: 'failed'; readonly error: EncodedError };
