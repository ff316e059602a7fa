/** Who asks for what, what owners allow, and what they answer. */

/** How much a peer may use of a program. What is not there is not limited by the rule, only by `limits` of the config. */
export interface Quota {
  /** Sessions that run at the same time. */
  readonly sessionsAtOnce?: number | undefined;
  /** Sessions that start on one day of UTC. */
  readonly sessionsPerDay?: number | undefined;
  /** Bytes sent and received on one day of UTC. */
  readonly bytesPerDay?: number | undefined;
}

/** What a peer is allowed: an entry of `programs` in peers.yaml. */
export interface ProgramRule {
  /** The program, as this owner and the peer call it. For a dealer, `*` is any. */
  readonly name: string;
  /** If it is there, the program must have it: a changed file is not allowed until its owner says so. */
  readonly hash?: string | undefined;
  /** By default none. */
  readonly arguments?: ArgumentsRule | undefined;
  readonly quota?: Quota | undefined;
  /** The rule's end: a date (to its end, in UTC) or a moment of ISO 8601. */
  readonly expires?: string | undefined;
}

/** No arguments, any, or as many as the list has, each equal to its entry; `*` is any one. */
export type ArgumentsRule = 'none' | 'any' | readonly string[];

/** What a peer proposes. */
export interface ConsentRequest {
  /** The local name of the peer that proposes, and the fingerprint that its channel proved. */
  readonly peer: string;
  readonly fingerprint: string;
  readonly session: string;
  /** What this process would be. A dealer runs no program: it deals for one that it does not have. */
  readonly role: 'party' | 'dealer';
  readonly program: string;
  /** SHA-256 of the proposer's copy, as `hashProgram` makes it. */
  readonly hash: string;
  readonly arguments: readonly string[];
  /** If it is an attempt at a shard of a batch. */
  readonly shard?: { readonly batch: string; readonly shard: number; readonly attempt: number } | undefined;
}

/** What the owner of this process allows, as it is when somebody asks. */
export interface ConsentRules {
  /** The rules for the peer; undefined if it is none. */
  readonly programs: readonly ProgramRule[] | undefined;
  /** The owner's own copy of the program; undefined if it offers none of that name. */
  readonly offered: { readonly hash: string; readonly arguments?: ArgumentsRule | undefined } | undefined;
  /** Of all peers together, and of one with all its programs. */
  readonly limits: { readonly sessionsAtOnce: number; readonly sessionsAtOncePerPeer?: number | undefined };
  /** No sessions start any more. */
  readonly draining?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is used already. */
export interface Usage {
  /** Sessions that run, of all peers. */
  readonly running: number;
  /** Of them, of this peer. */
  readonly runningOfPeer: number;
  /** Of them, of this program. */
  readonly runningOfProgram: number;
  /** Sessions of this peer and program that started today. */
  readonly sessionsToday: number;
  readonly bytesToday: number;
}

/** Why something is refused. Closed, so that it can be a label of metrics; the reason beside it is for people. */
export const REFUSALS = [
  'NOT_ALLOWED',
  'EXPIRED',
  'NOT_OFFERED',
  'HASH_DIFFERS',
  'HASH_NOT_ALLOWED',
  'ARGUMENTS_NOT_ALLOWED',
  'SESSIONS_AT_ONCE',
  'SESSIONS_PER_DAY',
  'BYTES_PER_DAY',
  'BUSY',
  'DRAINING',
  // Of shards of batches, before consent is asked for.
  'FENCED',
  'SHARD_CONFLICT',
  'ATTEMPTS_USED_UP',
] as const;
/** A code of a refusal. */
export type RefusalCode = (typeof REFUSALS)[number];

/** The answer to a proposal. The reason may be told to the peer: it says nothing about what the peer is not allowed. */
export type Decision =
  | {
      readonly allowed: true;
      /** The rule that allows it. */
      readonly rule: ProgramRule;
      /** Bytes that are left of today's quota; Infinity without one. */
      readonly bytesLeft: number;
    }
  | { readonly allowed: false; readonly code: RefusalCode; readonly reason: string };
