/** A session that this daemon has accepted: how it runs here, and how what it holds is given back. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WebSocketHub } from '@tacit/comm/websocket';
import { writeAtomically } from '@tacit/files';
import type { OfferedProgram } from '../config/schema.js';
import type { AdmittedSession } from '../consent/ledger.js';
import type { Candidate } from '../control/member.js';
import type { Proposal } from '../control/messages.js';
import { Refusal } from '../control/refusal.js';
import type { Lifecycle } from '../operate/lifecycle.js';
import type { DaemonMetrics } from '../operate/metrics.js';
import { DrainingError, SessionFencedError } from '../session-errors.js';
import type { WarmThreads } from '../sessions/warm-threads.js';
import type { GuestDoor } from './guest-door.js';
import type { Membership } from './membership.js';
import type { Organisation } from './organisation.js';
import { type Attempt, LEASE_MS, type ShardSessions } from './shard-sessions.js';
import { takePartIn } from './take-part.js';

export interface AcceptedProposal {
  readonly organisation: Organisation;
  readonly proposal: Proposal;
  readonly membership: Membership;
  /** Counted by consent. */
  readonly admitted: AdmittedSession;
  /** What this member runs; undefined for a dealer. */
  readonly offered: OfferedProgram | undefined;
  /** If it is an attempt at a shard, that was claimed. */
  readonly attempt: Attempt | undefined;
  readonly shards: ShardSessions;
  readonly hub: WebSocketHub;
  /** The port for guests, if there is one. */
  readonly guests: GuestDoor | undefined;
  /** Where others dial this member. */
  readonly address: string | null;
  readonly lifecycle: Lifecycle;
  readonly metrics: DaemonMetrics;
  /** Threads that are ready, if there are some. */
  readonly threads?: WarmThreads | undefined;
  /** To be called when it is over. */
  readonly end: () => void;
  readonly onError: (error: unknown, from: string) => void;
}

/**
 * Makes a candidate of a proposal that was accepted.
 * @param accepted what was accepted, and by whom
 * @returns it, for the control protocol
 */
export function candidateOf(accepted: AcceptedProposal): Candidate {
  const { organisation, proposal, admitted, attempt, shards, address, lifecycle, end, onError } = accepted;
  const child = organisation.log.child({ session: proposal.session });
  const ended = new AbortController();
  const drained = (): void => ended.abort(new DrainingError(organisation.name));
  lifecycle.signal.addEventListener('abort', drained);
  let state: 'reserved' | 'runs' | 'over' = 'reserved';
  const over = (counted: Promise<void>): void => {
    state = 'over';
    lifecycle.signal.removeEventListener('abort', drained);
    end();
    counted.catch((error) => onError(error, 'usage.json')).finally(() => release?.());
  };
  const withdraw = (why: Error): void => {
    if (state === 'over') return;
    child.info({ op: 'propose' }, `does not begin: ${why.message}`);
    // Nothing of a shard was computed: it may come again, and is not counted twice.
    over(attempt === undefined ? admitted.end(0) : admitted.withdraw());
  };
  const fenced = (): void => {
    const error = new SessionFencedError(attempt?.claim.attempt ?? 0);
    if (state === 'runs') ended.abort(error);
    else withdraw(error);
  };
  const release = attempt && shards.hold(attempt, fenced);
  return {
    address,
    leaseMs: attempt && LEASE_MS,
    withdraw,
    run: async (begin, onStarted, signal) => {
      // Its lease was over, or a later attempt took its place.
      if (state === 'over') return 'SESSION_FENCED';
      state = 'runs';
      let bytes = 0;
      try {
        const result = await runAccepted(accepted, {
          begin,
          onStarted,
          signal: AbortSignal.any([signal, ended.signal]),
          onBytes: (total) => {
            bytes = total;
          },
          say: (text) => child.info({ op: 'connect' }, text),
        });
        return result;
      } catch (error) {
        onError(error, accepted.membership.names[0] ?? 'the leader');
        return 'INTERNAL';
      } finally {
        over(admitted.end(bytes));
      }
    },
  };
}

interface RunOptions {
  readonly begin: Parameters<Candidate['run']>[0];
  readonly onStarted: () => void;
  readonly signal: AbortSignal;
  /** Gets all bytes so far. */
  readonly onBytes: (total: number) => void;
  readonly say: (text: string) => void;
}

/** Takes part, to the end; the code of its error, if it fails. */
async function runAccepted(
  { organisation, proposal, membership, admitted, offered, attempt, shards, ...rest }: AcceptedProposal,
  { begin, onStarted, signal, onBytes, say }: RunOptions,
): Promise<string | null> {
  const { address, hub, guests, metrics, threads, onError } = rest;
  const { session, program, limits } = proposal;
  const { config } = organisation;
  const { addresses, token } = begin;
  if (addresses.length !== membership.names.length || addresses[membership.rank] !== address)
    throw new Refusal('BAD_PROPOSAL', 'the addresses are not those that were agreed on');
  if (attempt !== undefined && !(await shards.begin(attempt))) return 'SESSION_FENCED';
  const { error, value, traffic } = await takePartIn(organisation, {
    session,
    membership,
    program: { name: program.name, hash: program.hash },
    shard: attempt?.claim,
    runs: offered && {
      path: offered.file,
      hash: program.hash,
      arguments: program.arguments,
      files: offered.files,
      tapes: offered.tapes,
    },
    addresses,
    token,
    // The owner's patience is the limit of what a leader may ask for.
    limits: {
      timeoutMs: Math.min(limits.timeoutMs, Math.max(config.session.timeout, 1)),
      resumeMs: limits.resumeMs,
      connectMs: Math.min(limits.connectMs, config.session.wait),
    },
    hub,
    guests,
    signal,
    onStarted: async () => {
      if (attempt !== undefined && !(await shards.compute(attempt)))
        throw new SessionFencedError(attempt.claim.attempt);
      onStarted();
    },
    onOutput: () => {},
    mayGoOn: async (total) => {
      onBytes(total);
      return admitted.traffic(total);
    },
    thread: threads?.take(),
    metrics,
    say,
  });
  onBytes(traffic.bytesSent + traffic.bytesReceived);
  if (error === undefined && offered?.results !== undefined)
    keepResult(offered.results, session, value, onError);
  return error === undefined ? null : codeOf(error);
}

/** For the owner only. That it cannot be written changes nothing for the others. */
function keepResult(
  folder: string,
  session: string,
  value: unknown,
  onError: AcceptedProposal['onError'],
): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const bytes = new TextEncoder().encode(`${JSON.stringify(value) ?? 'null'}\n`);
    writeAtomically(join(folder, `${session}.json`), bytes, { mode: 0o600 });
  } catch (error) {
    onError(error, 'results');
  }
}

/** What the leader learns of an error. */
function codeOf({ code }: { readonly code?: string }): string {
  return code !== undefined && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'PARTY_FAILED';
}
