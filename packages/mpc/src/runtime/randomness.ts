/**
 * Where a session gets its correlated randomness from. Free fields and most shares of dealt fields are expanded from a
 * seed of 32 bytes; what cannot be, one difference for each dealt field (the correction), goes to the last party. Who
 * made both is not the session's business: a dealer that is asked while the computation runs, or one of the parties
 * (live-dealer.ts and local-dealer.ts in randomness/), or something prepared before, which has to hand out each
 * correction once and never again.
 */
import type { Communicator } from '@tacit/comm';
import type { Ring } from '@tacit/ring';
import type { ProtocolConfig } from './config.js';
import type { FramePool } from './frame-pool.js';
import type { OpId } from './prg.js';

/** An operation whose dealt fields will be read. */
export interface DealtOperation {
  readonly id: OpId;
  /** Its descriptor: what it is, in public terms. Dealt fields are bound to it. */
  readonly descriptor: string;
  readonly elements: number;
}

/** Frames that leave at the end of the turn, or at once by `flush`. */
export interface SendQueue {
  put(to: number, key: string, payload: Uint8Array): void;
  flush(): void;
}

/** One party's correlated randomness, for one session. */
export interface CorrelatedRandomness {
  /** What this party expands its fields from; nobody else but the dealer has it. */
  readonly seed: Uint8Array;
  /** Tells of an operation, at every party and in program order, before its corrections are taken. */
  announce(operation: DealtOperation, queue: SendQueue): void;
  /**
   * The corrections of an operation, or of one chunk of it. Called at the last party only, once for each key.
   * @param key the operation's, with the chunk's number
   * @param bytes what is expected
   */
  take(key: string, bytes: number): Promise<Uint8Array>;
  /** Corrections that were taken are not needed any more: their buffer may be used again. */
  used(corrections: Uint8Array): void;
  /** The session has ended, or failed: nothing is taken any more. May be called twice. */
  close?(): void;
}

/** What a source is opened with: a party's place in its group. */
export interface RandomnessContext {
  readonly comm: Communicator;
  readonly ring: Ring;
  /** Number of computing parties; the rank is the communicator's. */
  readonly parties: number;
  readonly config: ProtocolConfig;
  /** Message buffers of the session. */
  readonly frames: FramePool;
}

/** A choice of where correlated randomness comes from, the same at all parties. */
export interface RandomnessSource {
  /** Part of what the members compare at the start. */
  readonly name: string;
  /** Members of the group after the computing parties: 1 with a dealer of its own. */
  readonly members: number;
  /**
   * Connects to it. Called while the members still compare their settings: it may send at once, and what it waits for
   * does not come where they differ.
   * @throws ProtocolViolationError where what came is malformed
   */
  open(context: RandomnessContext): Promise<CorrelatedRandomness>;
}
