/** `tacit run`: leads a session, of which it is the first party. */
import { randomBytes } from 'node:crypto';
import type { Peer } from '@tacit/identity';
import { checkOptions, decodeResult } from '@tacit/launch/session';
import type { ConfiguredTapes } from '../config/schema.js';
import { hashProgram } from '../consent/program-hash.js';
import {
  type Attendee,
  beginWith,
  dismiss,
  gather,
  type Invitee,
  type Progress,
  proposeTo,
  reserveWith,
} from '../control/leader.js';
import type { Begin, Proposal } from '../control/messages.js';
import { DaemonUsageError } from '../session-errors.js';
import type { SessionReport } from '../sessions/host-session.js';
import type { ShardClaim } from '../shards/claim.js';
import { callPeer } from './dialing.js';
import { fingerprintsOf, type Organisation } from './organisation.js';
import { takePartIn } from './take-part.js';

export interface LeadOptions {
  readonly organisation: Organisation;
  /** This organisation's own copy of the program. */
  readonly file: string;
  /** What the others call the program. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** The other parties, by rank from 1, as they are called here. */
  readonly with: readonly string[];
  /** Who deals; without one the parties have tapes. */
  readonly dealer?: string | undefined;
  /** This organisation's own tapes, where there is no dealer. */
  readonly tapes?: ConfiguredTapes | undefined;
  /** Files for the program, by the names that it knows. */
  readonly files: Readonly<Record<string, string>>;
  /** If the session is an attempt at a shard of a batch; its members are reserved one after the other. */
  readonly shard?: ShardClaim | undefined;
  /** Hears that all members have accepted: the attempt is spent from now on. */
  readonly onReserved?: (() => void) | undefined;
  /** Settings of the protocols that are not the default. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Gets lines about how it goes. */
  readonly say: (text: string) => void;
  /** What the program prints; by default it goes where this process prints. */
  readonly onOutput?: (text: string) => void;
  /** Gets what the program passes to `party.notify`. */
  readonly onNotice?: (data: unknown) => void;
}

/** How long it waits for the others' last words. */
const LAST_WORDS_MS = 2000;

/**
 * Calls the members, proposes the session to them, and takes part in it.
 * @param options who, and what
 * @returns what the program returned here
 * @throws MemberAbsentError, SessionRefusedError, MemberFailedError, what ended the session, or what the program threw
 */
export async function lead(options: LeadOptions): Promise<unknown> {
  const { organisation, file, signal, say } = options;
  const { identity, name: own, config, audit, version } = organisation;
  const { hash } = await hashProgram(file);
  const peers = membersOf(options);
  const parties = options.with.length + 1;
  const protocol = checkOptions({ worldSize: parties, config: options.config ?? {} }).config;
  const { fingerprint } = identity;
  // A worker of batches has said so itself.
  const alone = options.shard === undefined;
  if (alone) await audit.append({ event: 'started', process: 'run', fingerprint, name: own, version });
  const limits = {
    timeoutMs: config.session.timeout,
    resumeMs: Math.max(1, config.session.resume),
    connectMs: Math.min(config.session.wait, CONNECT_MS),
  };
  const attendees = await gather({
    invitees: peers.map((peer) => inviteeOf(organisation, peer)),
    waitMs: config.session.wait,
    signal,
    say,
  });
  const fingerprints = [fingerprint, ...attendees.map((attendee) => attendee.fingerprint)];
  const proposal: Proposal = {
    type: 'propose',
    session: randomBytes(16).toString('hex'),
    program: { name: options.program, hash, arguments: [...options.arguments] },
    members: fingerprints.map((one, rank) => ({
      fingerprint: one,
      role: rank === parties ? ('dealer' as const) : ('party' as const),
    })),
    config: { ...options.config },
    limits,
    ...(options.shard && { shard: options.shard }),
  };
  const given = await (alone ? proposeTo : reserveWith)(attendees, proposal, signal);
  options.onReserved?.();
  const begin: Begin = {
    type: 'begin',
    // The process that leads listens nowhere: it dials all others.
    addresses: [null, ...given],
    token: randomBytes(32).toString('hex'),
  };
  const progress = beginWith(attendees, begin);
  const failed = new AbortController();
  let linked = false;
  progress.started.catch((error) => failed.abort(error));
  // Once all links are made, they say who is there.
  void progress.lost.then((error) => linked || failed.abort(error));
  try {
    const report = await takePartIn(organisation, {
      session: proposal.session,
      membership: {
        rank: 0,
        parties,
        dealer: options.dealer !== undefined,
        role: 'party',
        names: [own, ...peers.map(({ name }) => name)],
        fingerprints,
        addresses: [undefined, ...peers.map(({ address }) => address)],
        config: protocol,
      },
      program: { name: options.program, hash },
      shard: options.shard,
      runs: { path: file, hash, arguments: options.arguments, files: options.files, tapes: options.tapes },
      addresses: begin.addresses,
      token: begin.token,
      limits,
      hub: undefined,
      signal: AbortSignal.any([signal, failed.signal]),
      onStarted: () => {
        linked = true;
      },
      ...(options.onOutput && { onOutput: options.onOutput }),
      ...(options.onNotice && { onNotice: options.onNotice }),
      say,
    });
    return await concluded(report, attendees, progress, say);
  } finally {
    if (signal.aborted) dismiss(attendees, 'cancelled');
    for (const { connection } of attendees) connection.close();
    if (alone) await audit.append({ event: 'stopped', process: 'run', reason: 'the session is over' });
  }
}

/** All members have accepted and are there, so connecting takes moments; a network may be slow. */
const CONNECT_MS = 60_000;

/** What the program returned; or its error, after what the others have to say. */
async function concluded(
  { error, value }: SessionReport,
  attendees: readonly Attendee[],
  { ended }: Progress,
  say: (text: string) => void,
): Promise<unknown> {
  if (error === undefined) return decodeResult(value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const words = await Promise.race([
    ended,
    new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, LAST_WORDS_MS, undefined);
    }),
  ]);
  clearTimeout(timer);
  attendees.forEach(({ name }, i) => {
    const code = words?.[i]?.code;
    if (code) say(`${name} ended with ${code}`);
  });
  throw error;
}

/** The peers that are to be members, the dealer last if there is one. */
function membersOf({ organisation, with: names, dealer, tapes, program }: LeadOptions): Peer[] {
  const { peers } = organisation;
  const all = dealer === undefined ? names : [...names, dealer];
  if (names.length === 0) throw new DaemonUsageError('a session has another party: --with NAME');
  if (dealer === undefined && tapes === undefined)
    throw new DaemonUsageError(
      `without a dealer a session needs tapes: 'tapes' of the program '${program}' in config.yaml`,
    );
  return all.map((name, i) => {
    const peer = peers.get(name);
    const role = i === names.length ? 'dealer' : 'party';
    if (all.indexOf(name) < i) throw new DaemonUsageError(`${name} is named twice`);
    if (peer === undefined) {
      const known = peers.list().map((one) => one.name);
      throw new DaemonUsageError(
        `there is no peer '${name}'; ${known.length > 0 ? `known are ${known.join(', ')}` : "'tacit join' adds one"}`,
      );
    }
    if ((peer.role ?? 'party') !== role)
      throw new DaemonUsageError(
        `${name} is a ${peer.role ?? 'party'} to this organisation and not a ${role}; 'role' in peers.yaml says what a peer may be`,
      );
    if (peer.address === undefined)
      throw new DaemonUsageError(
        `no address is known of ${name}; give it one in peers.yaml, or join it by its invite`,
      );
    return peer;
  });
}

function inviteeOf({ identity }: Organisation, peer: Peer): Invitee {
  const { name, address = '' } = peer;
  return { name, call: (signal) => callPeer(identity, address, fingerprintsOf(peer), signal) };
}
