/**
 * A member's part in a session from its beginning to its end, the same for the leader and for daemons: connects to the
 * other members, lets a thread compute, writes down how it went.
 */
import type { Channel } from '@tacit/comm/layers';
import { resumable } from '@tacit/comm/resumable';
import { pinned } from '@tacit/comm/tls';
import { connectChannels, type WebSocketHub } from '@tacit/comm/websocket';
import type { AuditedOutcome } from '../audit/events.js';
import type { ConfiguredTapes } from '../config/schema.js';
import { WaitingRoom } from '../control/waiting.js';
import { failure } from '../operate/log-fields.js';
import type { DaemonMetrics } from '../operate/metrics.js';
import { MemberAbsentError, QuotaUsedUpError, SessionTimeError } from '../session-errors.js';
import type { Traffic } from '../sessions/bridge.js';
import { type HostOptions, hostSession, type SessionReport } from '../sessions/host-session.js';
import type { PlannedProgram } from '../sessions/session-plan.js';
import { openerTo, socketSettings } from './dialing.js';
import type { Membership } from './membership.js';
import type { Organisation } from './organisation.js';

export interface SessionTask {
  readonly session: string;
  readonly membership: Membership;
  /** What the session is about, for the audit log. */
  readonly program: { readonly name: string; readonly hash: string };
  /** What this member runs; undefined for the dealer. */
  readonly runs:
    | (PlannedProgram & {
        readonly files: Readonly<Record<string, string>>;
        readonly results?: string | undefined;
        /** What it uses where no dealer is a member. */
        readonly tapes?: ConfiguredTapes | undefined;
      })
    | undefined;
  /** By rank, as the members said; null for one that cannot be dialed. */
  readonly addresses: readonly (string | null)[];
  /** Of the session, 64 hexadecimal digits. */
  readonly token: string;
  readonly limits: { readonly timeoutMs: number; readonly resumeMs: number; readonly connectMs: number };
  /** Where others dial this member; undefined where nobody does. */
  readonly hub: WebSocketHub | undefined;
  readonly signal: AbortSignal;
  /** All links are made. */
  readonly onStarted: () => void;
  readonly onNotice?: HostOptions['onNotice'];
  readonly onOutput?: HostOptions['onOutput'];
  /** Asked when another few MiB have passed; false ends the session, for want of quota. */
  readonly mayGoOn?: (bytes: number) => Promise<boolean>;
  readonly metrics?: DaemonMetrics | undefined;
  /** Gets lines that say for whom it waits. */
  readonly say: (text: string) => void;
}

/**
 * Takes part in a session.
 * @param organisation whose member it is
 * @param task everything that was agreed on
 * @returns how it ended; never rejects but with an AuditError, before anything is sent
 */
export async function takePartIn(organisation: Organisation, task: SessionTask): Promise<SessionReport> {
  const { audit, log } = organisation;
  const { session, membership, program, metrics } = task;
  const { rank, names, fingerprints } = membership;
  const members = fingerprints.map((fingerprint, i) => ({ peer: names[i], fingerprint }));
  const about = { session, program: program.name, programHash: program.hash, members };
  const child = log.child({ session, rank, program: program.name });
  const began = performance.now();
  await audit.append({ event: 'session-start', rank, ...about });
  child.info({ op: 'session' }, `the session of ${names.join(', ')} begins`);
  const report = await run(organisation, task).catch(
    (error: Error): SessionReport => ({
      error,
      value: undefined,
      operations: undefined,
      traffic: { bytesSent: 0, bytesReceived: 0 },
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { error, traffic, tape } = report;
  const outcome = outcomeOf(error);
  const { bytesSent, bytesReceived } = traffic;
  metrics?.sessionEnded(outcome, seconds);
  metrics?.traffic(bytesSent, bytesReceived);
  await audit
    .append({
      event: 'session-end',
      outcome,
      code: error?.code,
      ...about,
      bytesSent,
      bytesReceived,
      seconds,
      tape,
    })
    .catch((cause) =>
      child.error({ op: 'audit', error: failure(cause) }, 'the end of a session cannot be written down'),
    );
  const bytes = bytesSent + bytesReceived;
  if (error === undefined) child.info({ op: 'session', outcome, bytes, seconds }, 'the session is over');
  else
    child.warn(
      { op: 'session', outcome, bytes, seconds, error: failure(error) },
      `the session failed: ${textOf(error)}`,
    );
  return report;
}

async function run(organisation: Organisation, task: SessionTask): Promise<SessionReport> {
  const { config, name } = organisation;
  const { session, membership, runs, limits, mayGoOn, onNotice, onOutput } = task;
  const { rank, parties, names } = membership;
  const controller = new AbortController();
  const signal = AbortSignal.any([task.signal, controller.signal]);
  const { sessionTime } = config.limits;
  const timer =
    sessionTime === undefined
      ? undefined
      : setTimeout(() => controller.abort(new SessionTimeError(sessionTime)), sessionTime);
  try {
    const kernels = organisation.kernels();
    const { channels, leave } = await connect(organisation, task, signal);
    try {
      task.onStarted();
      const context = { session, name, peers: names.slice(0, parties), files: runs?.files ?? {} };
      const onTraffic = ({ bytesSent, bytesReceived }: Traffic): void => {
        void mayGoOn?.(bytesSent + bytesReceived).then(
          (may) => {
            if (!may) controller.abort(new QuotaUsedUpError());
          },
          (error) => controller.abort(error),
        );
      };
      return await hostSession({
        plan: {
          session,
          rank,
          parties,
          names,
          config: membership.config,
          timeoutMs: limits.timeoutMs,
          maxFrameBytes: config.limits.frame,
          tapes: membership.dealer ? undefined : runs?.tapes,
          program: runs && { path: runs.path, hash: runs.hash, arguments: runs.arguments, context },
        },
        channels,
        kernels: await kernels,
        signal,
        memoryBytes: config.limits.sessionMemory,
        ...(onNotice && { onNotice }),
        ...(onOutput && { onOutput }),
        onTraffic,
      });
    } finally {
      leave();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Links to all other members. */
async function connect(
  { identity, config }: Organisation,
  task: SessionTask,
  signal: AbortSignal,
): Promise<{ readonly channels: ReadonlyMap<number, Channel>; readonly leave: () => void }> {
  const { session, membership, limits, hub, say } = task;
  const { rank, names, fingerprints } = membership;
  // What the owner knows goes before what the leader says; who can be dialed at all is the same for all members.
  const addresses = task.addresses.map((said, i) =>
    said === null ? undefined : i === rank ? said : (membership.addresses[i] ?? said),
  );
  const expected = new Map<string, string[]>();
  for (const [i, address] of addresses.entries())
    if (address !== undefined)
      expected.set(address, [...(expected.get(address) ?? []), fingerprints[i] ?? '']);
  const settings = socketSettings(config.limits.frame);
  const room = new WaitingRoom([names.filter((_, i) => i !== rank).join(' and ')], say);
  try {
    return await connectChannels({
      rank,
      size: names.length,
      addresses,
      sessionId: session,
      hub,
      open: openerTo(identity, expected, settings),
      secure: pinned({
        fingerprints: fingerprints.map((fingerprint) => [fingerprint]),
        token: Buffer.from(task.token, 'hex'),
      }),
      signal,
      connectTimeoutMs: limits.connectMs,
      ...(limits.resumeMs > 0 && { links: resumable({ graceMs: limits.resumeMs }) }),
      ...settings,
    });
  } catch (error) {
    if (error instanceof Error && 'rank' in error && 'code' in error && error.code === 'PEER_UNREACHABLE') {
      const absent = names[error.rank as number] ?? `rank ${error.rank}`;
      throw new MemberAbsentError([absent], limits.connectMs, error.message, { cause: error });
    }
    throw error;
  } finally {
    room.close();
  }
}

function outcomeOf(error: SessionReport['error']): AuditedOutcome {
  if (error === undefined) return 'completed';
  if (error.code === 'QUOTA_USED_UP') return 'quota';
  return ['SESSION_CANCELLED', 'DRAINING', 'SESSION_TIME'].includes(error.code ?? '') ? 'aborted' : 'failed';
}

/** Messages of these errors are ours and hold nothing secret; others may be of a program, which quotes what it likes. */
const OURS = /^(PEER_|HANDSHAKE_|SESSION_|MEMBER_|PROGRAM_|CONTROL_|DRAINING|QUOTA_|PROTOCOL_VIOLATION)/;
const textOf = ({
  code = 'an error of the program',
  message,
}: NonNullable<SessionReport['error']>): string => (OURS.test(code) ? message : code);
