/**
 * What protocols see of a session: how to issue an operation. Each says what it will cost, so that costs can be summed
 * without running anything.
 */
import type { CommStats } from '@tacit/comm';
import type { Ring, Words, WordsPool } from '@tacit/ring';
import type { ChunkBody } from './chunks.js';
import type { ProtocolConfig } from './config.js';
import { type Layout, type Opening, openingBytes } from './layout.js';
import type { PartyOp } from './party-op.js';
import type { OpId, Prg } from './prg.js';
import type { Masked, Share, ValueForms } from './share.js';
import type { Descriptor } from './transcript.js';

/**
 * Memory of a result. Words of the pool held another tensor's shares before: what a body leaves unwritten there would be
 * revealed with its result. So they are cleared, unless the body is known to write all of them ('overwritten': kernels
 * that check their lengths); a function gives memory from elsewhere. A body that returns its result gets no memory ('made').
 */
export type OutputMemory = 'zeroed' | 'overwritten' | 'made' | (() => Words);

/** What an operation is and needs. */
export interface OperationSpec {
  readonly descriptor: Descriptor;
  readonly inputs: readonly Share[];
  /** Inputs that are needed masked; the body gets this party's factor of each after the words of `inputs`. */
  readonly masked?: readonly Masked[];
  readonly shape: readonly number[];
  /** Dependent openings; checked against what the body does. */
  readonly rounds: number;
  /** Random material, the same at the dealer. */
  readonly layout?: Layout;
  /** What the body of an operation that is not elementwise writes into. Default 'zeroed'. */
  readonly output?: OutputMemory;
  /** Where the result comes from, if it is a view. */
  readonly forms?: ValueForms;
  /** Openings of the elements to all: what a party sends. */
  readonly opens?: readonly Opening[];
  /**
   * Payload bytes that the party of a rank sends, where messages go one way; in place of `opens`. A party may see fewer
   * rounds then than the longest chain has.
   */
  readonly sends?: (rank: number) => number;
}

/** Writes the result into `out`, or returns it where its memory is 'made'. */
export type Body = (
  op: PartyOp,
  inputs: Words[],
  out: Words,
) => Promise<Words> | Promise<void> | Words | void;
export type { ChunkBody } from './chunks.js';

/**
 * Payload bytes that the party of a rank sends for an operation.
 * @param chunk elements of a chunk, if the operation is elementwise
 */
export function bytesSent(
  { opens = [], sends, descriptor }: OperationSpec,
  rank: number,
  parties: number,
  chunk?: number,
): number {
  if (sends) return sends(rank);
  return (parties - 1) * opens.reduce((sum, opening) => sum + openingBytes(opening, descriptor.n, chunk), 0);
}

/** Reads of a stream of pseudorandom words. */
export type Stream = Pick<Prg, 'fill'>;

/** One party's side of a computation. All parties call the same methods in the same order. */
export interface Session {
  readonly rank: number;
  readonly parties: number;
  readonly ring: Ring;
  readonly pool: WordsPool;
  readonly config: ProtocolConfig;
  /** This party's stream of correlated randomness. */
  readonly prg: Stream;
  /** This party's own stream, which nobody else knows: of what it adds to values that it tells. */
  readonly noise: Stream;
  /** What went over the network so far. */
  readonly stats: CommStats;
  /** Operations of the present scope so far. */
  readonly issued: number;
  /** The stream that this party shares with another one. @throws RangeError for a rank that it shares none with */
  pairwise(rank: number): Stream;
  /**
   * Issues an operation: returns its handle at once, runs `body` when all inputs are there.
   * Program order gives it its number, so all parties must issue the same operations in the same order.
   */
  issue(spec: OperationSpec, body: Body): Share;
  /**
   * Issues an operation whose elements are independent, cut into chunks that overlap in time. Each chunk runs when its
   * part of the inputs is there, and can be used before the others are.
   */
  issueElementwise(spec: OperationSpec, body: ChunkBody): Share;
  /**
   * Runs `build` with operations numbered on their own, so that concurrent parts of a program do not depend on each
   * other's order. The name must be the same at all parties; called again, it goes on with the same numbers. `build` must
   * not await.
   * @param last ends the scope behind `build`, as endScope does
   * @throws ScopeError where the scope has ended
   */
  scope<T>(name: string, build: () => T, options?: { readonly last?: boolean }): T;
  /**
   * Ends a scope: no operation can be issued in it any more, at any party, and nothing of it is kept. Its results stay
   * valid, and those under way come. Its name cannot be used again. A service ends the scope of each request; names that
   * end in a number that counts up are remembered in no space.
   * @throws ScopeError where the scope is not open
   */
  endScope(name: string): void;
  /**
   * Tells public bytes of one party to all.
   * @param bytes at the owner; ignored elsewhere
   * @param timeoutMs how long the others wait. Default the communicator's time
   * @throws RangeError at an owner that gives nothing
   */
  announce(
    owner: number,
    bytes: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined,
    timeoutMs?: number,
  ): Promise<Uint8Array>;
  /** Ends the computation because party `rank` ran another program up to operation `id`. Never resolves. */
  differs(rank: number, id: OpId): Promise<never>;
  /** Sends everything queued and makes sure that all parties ended after the same operations. */
  finish(): Promise<void>;
}
