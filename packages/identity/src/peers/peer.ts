/** Another organisation, as this one knows it, and what it may start here. */

/** How much a peer may do. What is left out is not limited. */
export interface Quota {
  /** Sessions that run at the same time. */
  readonly sessionsAtOnce?: number;
  /** Sessions that start within a day. */
  readonly sessionsPerDay?: number;
  /** Bytes that are sent and received within a day. */
  readonly bytesPerDay?: number;
}

/** A program that a peer may start. */
export interface ProgramRule {
  /**
   * Of the program, as both organisations call it. `*` is any program, where this organisation deals: it runs none of
   * them. As a party it runs only what is named.
   */
  readonly name: string;
  /** SHA-256 of its file, 64 lower-case hexadecimal digits: any other version is refused. */
  readonly hash?: string;
  /**
   * Which arguments the peer may give: none, any, or exactly these. Where this is left out: none to a
   * party, any where this organisation deals.
   */
  readonly arguments?: 'none' | 'any' | readonly string[];
  readonly quota?: Quota;
}

/** What a peer may be in a session. */
export type PeerRole = 'party' | 'dealer';

/** Another organisation. */
export interface Peer {
  /** What this organisation calls it. */
  readonly name: string;
  /** Device ids of its certificates; two of them while it changes from one to the next. */
  readonly ids: readonly string[];
  /** Where it can be reached: `wss://host:port`, or at a relay, `wss://relay/to/FINGERPRINT`. Absent if it only dials. */
  readonly address?: string;
  /** What it is in sessions; a party where this is left out. */
  readonly role?: PeerRole;
  /** What it may start here. Nothing where this is left out. */
  readonly programs?: readonly ProgramRule[];
}
