/** Metrics of one process, in a registry of its own. Labels are from closed lists: nothing that a peer sent is one. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { REFUSALS, type RefusalCode } from '../consent/types.js';

/** How sessions end. */
export const OUTCOMES = ['completed', 'failed', 'aborted', 'quota'] as const;
/** A label of `tacit_sessions_total`. */
export type Outcome = (typeof OUTCOMES)[number];

/** Why a handshake failed. */
export const HANDSHAKE_FAILURES = [
  'unknown_peer',
  'wrong_key',
  'token',
  'timeout',
  'malformed',
  'closed',
  'other',
] as const;
/** A label of `tacit_handshakes_failed_total`. */
export type HandshakeFailure = (typeof HANDSHAKE_FAILURES)[number];

/** Numbers that are read when somebody asks for metrics. */
export interface Snapshot {
  readonly sessionsRunning: number;
  /** As many as may run. */
  readonly sessionsMost: number;
  readonly connections: number;
}

/** Numbers of a relay, as `relay.stats` has them. */
export interface RelaySnapshot {
  readonly listeners: number;
  readonly waiting: number;
  readonly pairs: number;
  readonly pairsTotal: number;
  readonly messages: number;
  readonly bytes: number;
  /** By reason; their sum is told. */
  readonly refusals: Readonly<Partial<Record<string, number>>>;
}

const SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 14_400];

/** What a party, a dealer or a relay counts. */
export class DaemonMetrics {
  readonly registry = new Registry();
  readonly #sessions: Counter<'outcome'>;
  readonly #sessionSeconds: Histogram<'outcome'>;
  readonly #proposals: Counter<'decision'>;
  readonly #refusals: Counter<'code'>;
  readonly #bytes: Counter<'direction'>;
  readonly #reconnections: Counter;
  readonly #handshakes: Counter;
  readonly #handshakesFailed: Counter<'reason'>;

  /** @param snapshot reads what is counted elsewhere; those of a relay are there if it has them */
  constructor(
    snapshot: { daemon?: () => Snapshot; relay?: () => RelaySnapshot; ready?: () => boolean } = {},
  ) {
    const registers = [this.registry];
    const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
      new Counter({ name: `tacit_${name}`, help, labelNames, registers });
    this.#sessions = counter('sessions_total', 'Sessions that ended, by outcome', ['outcome']);
    this.#sessionSeconds = new Histogram({
      name: 'tacit_session_seconds',
      help: 'Duration of sessions',
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    });
    this.#proposals = counter('proposals_total', 'Proposals of peers, by decision', ['decision']);
    this.#refusals = counter('refusals_total', 'Proposals that were refused, by reason', ['code']);
    this.#bytes = counter('bytes_total', 'Bytes of sessions', ['direction']);
    this.#reconnections = counter('reconnections_total', 'Connections of sessions that broke and came back');
    this.#handshakes = counter('handshakes_total', 'Peers that proved themselves');
    this.#handshakesFailed = counter('handshakes_failed_total', 'Connections without a proof, by reason', [
      'reason',
    ]);
    // All series are there from the beginning: a rate from nothing to one is seen.
    for (const outcome of OUTCOMES) this.#sessions.inc({ outcome }, 0);
    for (const decision of ['allowed', 'refused']) this.#proposals.inc({ decision }, 0);
    for (const code of REFUSALS) this.#refusals.inc({ code }, 0);
    for (const direction of ['sent', 'received']) this.#bytes.inc({ direction }, 0);
    for (const reason of HANDSHAKE_FAILURES) this.#handshakesFailed.inc({ reason }, 0);
    this.#gauges(snapshot);
  }

  #gauges({
    daemon,
    relay,
    ready,
  }: {
    daemon?: () => Snapshot;
    relay?: () => RelaySnapshot;
    ready?: () => boolean;
  }): void {
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `tacit_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    const count = (name: string, help: string, read: () => number) =>
      new Counter({
        name: `tacit_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    if (daemon) {
      gauge('sessions_running', 'Sessions that run', () => daemon().sessionsRunning);
      gauge('sessions_most', 'Sessions that may run at the same time', () => daemon().sessionsMost);
      gauge('connections', 'Open connections', () => daemon().connections);
    }
    if (relay) {
      gauge('relay_listeners', 'Processes that wait for visitors', () => relay().listeners);
      gauge('relay_waiting', 'Visitors that wait to be let in', () => relay().waiting);
      gauge('relay_pairs', 'Pairs of connections that are forwarded', () => relay().pairs);
      count('relay_pairs_total', 'Pairs that have been connected', () => relay().pairsTotal);
      count('relay_messages_total', 'Messages that were forwarded', () => relay().messages);
      count('relay_bytes_total', 'Bytes that were forwarded', () => relay().bytes);
      count('relay_refusals_total', 'Connections that were refused', () =>
        Object.values(relay().refusals).reduce<number>((sum, n = 0) => sum + n, 0),
      );
    }
    if (ready) gauge('ready', '1 if new sessions may start', () => Number(ready()));
    gauge('resident_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
    gauge('uptime_seconds', 'Age of the process', () => process.uptime());
  }

  /**
   * A proposal was decided.
   * @param refusal why not; undefined if it was allowed
   */
  proposal(refusal?: RefusalCode): void {
    this.#proposals.inc({ decision: refusal === undefined ? 'allowed' : 'refused' });
    if (refusal !== undefined && REFUSALS.includes(refusal)) this.#refusals.inc({ code: refusal });
  }

  /**
   * A proposal was refused before the owner's rules were asked.
   * @param code why, as the peer is told
   */
  refused(code: string): void {
    this.#proposals.inc({ decision: 'refused' });
    if ((REFUSALS as readonly string[]).includes(code)) this.#refusals.inc({ code });
  }

  /**
   * A session ended.
   * @param outcome how
   * @param seconds how long it ran
   */
  sessionEnded(outcome: Outcome, seconds: number): void {
    const known = OUTCOMES.includes(outcome) ? outcome : 'failed';
    this.#sessions.inc({ outcome: known });
    this.#sessionSeconds.observe({ outcome: known }, Math.max(0, seconds));
  }

  /**
   * Bytes of a session moved.
   * @param sent since the last call
   * @param received since the last call
   */
  traffic(sent: number, received: number): void {
    this.#bytes.inc({ direction: 'sent' }, Math.max(0, sent));
    this.#bytes.inc({ direction: 'received' }, Math.max(0, received));
  }

  /** A connection of a session broke and came back. */
  reconnected(): void {
    this.#reconnections.inc();
  }

  /**
   * A peer proved itself, or did not.
   * @param failed why not; undefined if it did
   */
  handshake(failed?: HandshakeFailure): void {
    if (failed === undefined) this.#handshakes.inc();
    else this.#handshakesFailed.inc({ reason: HANDSHAKE_FAILURES.includes(failed) ? failed : 'other' });
  }

  /**
   * All metrics.
   * @returns in the text format of Prometheus
   */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
