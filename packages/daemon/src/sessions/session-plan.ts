/** What a thread is started with, and what it says; plain values only, since they cross threads. */
import type { MessagePort } from 'node:worker_threads';
import type { EncodedError } from '@tacit/launch/session';
import type { ProtocolConfig } from '@tacit/mpc';
import type { ConfiguredTapes } from '../config/schema.js';

/** A program as its owner has it. */
export interface PlannedProgram {
  /** Of the owner's own copy. */
  readonly path: string;
  /** SHA-256 of the file, hexadecimal: nothing else is run. */
  readonly hash: string;
  readonly arguments: readonly string[];
}

/** What a program is told besides its party and its arguments. */
export interface ProgramContext {
  /** Of the session; random, and the same at all members. */
  readonly session: string;
  /** What this organisation calls itself. */
  readonly name: string;
  /** What it calls the parties, by rank. */
  readonly peers: readonly string[];
  /** Files that the owner has named in its own configuration, by these names. */
  readonly files: Readonly<Record<string, string>>;
  /** Hears what the process says to the program (`HostOptions.tell`), from the first word on; one listener. */
  readonly onTold?: (listener: (data: unknown) => void) => void;
}

/** One member's part in a session. */
export interface SessionPlan {
  readonly session: string;
  readonly rank: number;
  readonly parties: number;
  /** What messages call the members, by rank, the dealer last. */
  readonly names: readonly string[];
  readonly config: ProtocolConfig;
  /** How long a message of another member may take. */
  readonly timeoutMs: number;
  /** The largest frame of another member. */
  readonly maxFrameBytes?: number;
  /** Of a party of a session without a dealer. */
  readonly tapes?: ConfiguredTapes | undefined;
  /** Undefined for the dealer. */
  readonly program: (PlannedProgram & { readonly context: ProgramContext }) | undefined;
}

/** What a session is begun with. */
export interface SessionStart extends SessionPlan {
  readonly ports: ReadonlyMap<number, MessagePort>;
}

/** What a thread is started with: no session yet, perhaps the program of one to come. */
export interface ThreadStart {
  readonly kernels: WebAssembly.Module;
  readonly program?: PlannedProgram | undefined;
  /** It will deal, and rehearses that. */
  readonly deals?: boolean | undefined;
}

/** What a thread is told. */
export type ToWorker =
  | { readonly type: 'start'; readonly start: SessionStart }
  | { readonly type: 'abort'; readonly code: string; readonly message: string }
  /** For the program, as `context.onTold` takes it. */
  | { readonly type: 'tell'; readonly data: unknown };

/** What it says. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'notice'; readonly data: unknown }
  /** The tape that all parties have burnt. */
  | { readonly type: 'tape'; readonly id: string }
  | { readonly type: 'result'; readonly value: unknown; readonly operations: number | undefined }
  | { readonly type: 'failed'; readonly error: EncodedError };
