/**
 * A member's part in a session from its beginning to its end, the same for the leader and for daemons: connects to the
 * other members, lets a thread compute, writes down how it went.
 */
import { noise } from '@tacit/comm/noise';
import { resumable } from '@tacit/comm/resumable';
import { pinned } from '@tacit/comm/tls';
import {
  connectChannels,
  type GroupLinks,
  type GroupOptions,
  nodePrimitives,
  type WebSocketHub,
} from '@tacit/comm/websocket';
import { type AuditedOutcome, type AuditedShard, auditedShard } from '../audit/events.js';
import type { ConfiguredTapes } from '../config/schema.js';
import { WaitingRoom } from '../control/waiting.js';
import { failure } from '../operate/log-fields.js';
import type { DaemonMetrics } from '../operate/metrics.js';
import {
  DaemonUsageError,
  MemberAbsentError,
  QuotaUsedUpError,
  SessionTimeError,
} from '../session-errors.js';
import type { Traffic } from '../sessions/bridge.js';
import { type HostOptions, hostSession, type SessionReport } from '../sessions/host-session.js';
import type { PlannedProgram } from '../sessions/session-plan.js';
import { type SessionThread, startThread } from '../sessions/session-thread.js';
import { openerTo, socketSettings } from './dialing.js';
import type { Membership } from './membership.js';
import type { Organisation } from './organisation.js';

/** The port for guests. */
export interface GuestHub {
  readonly hub: WebSocketHub;
  readonly secretKey: Uint8Array;
}

export interface SessionTask {
  readonly session: string;
  readonly membership: Membership;
  /** What the session is about, for the audit log. */
  readonly program: { readonly name: string; readonly hash: string };
  /** If the session is an attempt at a shard of a batch. */
  readonly shard?: AuditedShard | undefined;
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
  /** Where the guest dials it, in sessions with one, and the key by which the guest knows it. */
  readonly guests?: GuestHub | undefined;
  readonly signal: AbortSignal;
  /** All links are made. */
  readonly onStarted: () => Promise<void> | void;
  readonly onNotice?: HostOptions['onNotice'];
  readonly onOutput?: HostOptions['onOutput'];
  readonly thread?: SessionThread | undefined;
  readonly tell?: HostOptions['tell'];
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
  const members = fingerprints.flatMap((fingerprint, i) =>
    i === 0 && membership.guest ? [] : [{ peer: names[i], fingerprint }],
  );
  const shard = auditedShard(task.shard);
  const about = { session, program: program.name, programHash: program.hash, members, shard };
  const child = log.child({ session, rank, program: program.name });
  const began = performance.now();
  await audit.append({ event: 'session-start', rank, ...about }).catch(async (error) => {
    await task.thread?.worker.terminate();
    throw error;
  });
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
  let { thread } = task;
  const signal = AbortSignal.any([task.signal, controller.signal]);
  const { sessionTime } = config.limits;
  const timer =
    sessionTime === undefined
      ? undefined
      : setTimeout(() => controller.abort(new SessionTimeError(sessionTime)), sessionTime);
  try {
    // Starts while the members connect.
    thread ??= startThread({
      kernels: await organisation.kernels(),
      memoryBytes: config.limits.sessionMemory,
      captured: onOutput !== undefined,
    });
    const { channels, leave } = await connect(organisation, task, signal);
    try {
      await task.onStarted();
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
        signal,
        ...(onNotice && { onNotice }),
        ...(onOutput && { onOutput }),
        thread,
        tell: task.tell,
        onTraffic,
      });
    } finally {
      leave();
    }
  } finally {
    clearTimeout(timer);
    // Ends with its session; where none began there is still one.
    await thread?.worker.terminate();
  }
}

/** How long a guest may be away after its tab has said that it is closed: another machine may have said so. */
const TAB_MS = 5000;

/** Links to all other members. */
async function connect(
  { identity, config }: Organisation,
  task: SessionTask,
  signal: AbortSignal,
): Promise<GroupLinks> {
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
  const { guest } = membership;
  const { resumeMs } = limits;
  const leavingMs = guest === undefined ? resumeMs : Math.min(resumeMs, TAB_MS);
  const group = {
    rank,
    size: names.length,
    addresses,
    sessionId: session,
    signal,
    connectTimeoutMs: limits.connectMs,
    ...(resumeMs > 0 && { links: resumable({ graceMs: resumeMs, leavingMs }) }),
    ...settings,
  };
  const room = new WaitingRoom([names.filter((_, i) => i !== rank).join(' and ')], say);
  try {
    const token = Buffer.from(task.token, 'hex');
    const peers = connectChannels({
      ...group,
      hub,
      only: names.map((_, i) => i).filter((i) => i > 0 || guest === undefined),
      open: openerTo(identity, expected, settings),
      secure: pinned({ fingerprints: fingerprints.map((one) => (one === '' ? [] : [one])), token }),
    });
    if (guest === undefined) return await peers;
    return await together([peers, connectGuest(group, guest, task.guests, token)]);
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

/** The link to the guest, which proves by its key that it is the one whom the leader has let in. */
async function connectGuest(
  group: Pick<
    GroupOptions,
    'rank' | 'size' | 'addresses' | 'sessionId' | 'links' | 'signal' | 'connectTimeoutMs'
  >,
  guest: Uint8Array,
  guests: GuestHub | undefined,
  token: Uint8Array,
): Promise<GroupLinks> {
  if (guests === undefined)
    throw new DaemonUsageError("there are no guests here: 'guests' in config.yaml is not set");
  const { hub, secretKey } = guests;
  return connectChannels({
    ...group,
    // The guest dials, whatever others are told about this member.
    addresses: group.addresses.map((_, i) => (i === group.rank ? hub.address : undefined)),
    hub,
    only: [0],
    secure: noise({ keys: { secretKey, publicKeys: [guest] }, token, primitives: nodePrimitives }),
  });
}

/** Links to several groups of members: all of them, or none. */
async function together(groups: readonly Promise<GroupLinks>[]): Promise<GroupLinks> {
  const settled = await Promise.allSettled(groups);
  const made = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const leave = (): void => {
    for (const links of made) links.leave();
  };
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) {
    for (const { channels } of made) for (const channel of channels.values()) channel.destroy();
    leave();
    throw failed.reason;
  }
  return { channels: new Map(made.flatMap(({ channels }) => [...channels])), leave };
}

function outcomeOf(error: SessionReport['error']): AuditedOutcome {
  if (error === undefined) return 'completed';
  if (error.code === 'QUOTA_USED_UP') return 'quota';
  return ['SESSION_CANCELLED', 'SESSION_FENCED', 'DRAINING', 'SESSION_TIME'].includes(error.code ?? '')
    ? 'aborted'
    : 'failed';
}

/** Messages of these errors are ours and hold nothing secret; others may be of a program, which quotes what it likes. */
const OURS = /^(PEER_|HANDSHAKE_|SESSION_|MEMBER_|PROGRAM_|CONTROL_|DRAINING|QUOTA_|PROTOCOL_VIOLATION)/;
const textOf = ({
  code = 'an error of the program',
  message,
}: NonNullable<SessionReport['error']>): string => (OURS.test(code) ? message : code);
