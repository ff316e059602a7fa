/** What a relay is told, what it tells, and what it counts. */
import type { Rejection } from '../group/door.js';
import type { RelayLimits } from './accounts.js';
import type { ReceptionOptions } from './reception.js';
import type { RelayRefusal } from './refusals.js';

export interface RelayOptions extends ReceptionOptions {
  /**
   * The host names by which members dial this relay, each for any port unless it has one: proofs for other names are
   * refused. Needed where it listens on all addresses and has no certificate of its own; default otherwise: the address
   * that it is bound to, and the names of its certificate.
   */
  names?: readonly string[];
  /** Whom it serves: fingerprints, or a function that decides. Default: everybody. */
  allow?: readonly string[] | ((fingerprint: string) => boolean);
  /** What one identity, and all together, may have. */
  limits?: RelayLimits;
  /** What happens, for a log. */
  onEvent?: (event: RelayEvent) => void;
}

/** What a log of a relay holds: fingerprints, counts, reasons. */
export type RelayEvent =
  | { readonly type: 'listening' | 'left'; readonly fingerprint: string }
  | { readonly type: 'paired'; readonly from: string; readonly to: string }
  | { readonly type: 'parted'; readonly from: string; readonly to: string; readonly bytes: number }
  | {
      readonly type: 'refused';
      readonly reason: RelayRefusal | Rejection;
      readonly fingerprint?: string | undefined;
    };

/** Counters, for metrics. */
export interface RelayStats {
  /** Members that wait for visitors, now. */
  listeners: number;
  /** Visitors that wait to be let in, now. */
  waiting: number;
  /** Pairs that are connected, now. */
  pairs: number;
  /** Pairs that have been. */
  pairsTotal: number;
  /** Messages and bytes forwarded. */
  messages: number;
  bytes: number;
  /** How many were refused, by reason. */
  readonly refusals: Partial<Record<RelayRefusal | Rejection, number>>;
}
