/**
 * Sessions of a service: a guest, whom only this organisation knows, is the first party, this organisation the second and
 * the leader, and a peer deals. The dealer decides by its own rules, as for any proposal of this organisation.
 */
import { randomBytes } from 'node:crypto';
import type { ProtocolConfig } from '@tacit/mpc';
import { type Attendee, beginWith, dismiss, greet, proposeTo } from '../control/leader.js';
import type { Begin, Proposal } from '../control/messages.js';
import { SessionRefusedError } from '../session-errors.js';
import type { HostOptions, SessionReport } from '../sessions/host-session.js';
import type { PlannedProgram } from '../sessions/session-plan.js';
import type { SessionThread } from '../sessions/session-thread.js';
import { callPeer } from './dialing.js';
import type { GuestDoor } from './guest-door.js';
import { fingerprintsOf, type Organisation } from './organisation.js';
import { type SessionTask, takePartIn } from './take-part.js';

/** Rank of the guest, of this organisation and of the dealer. */
const RANKS = { guest: 0, leader: 1, dealer: 2 } as const;

/**
 * Calls the dealer; one attempt. The connection is good for one session.
 * @param organisation that leads
 * @param name of the peer that deals
 * @param signal gives up
 * @returns the dealer, which answered
 * @throws SessionRefusedError where it takes no guests, and what calling throws
 */
export async function callDealer(
  { identity, peers }: Organisation,
  name: string,
  signal: AbortSignal,
): Promise<Attendee> {
  const peer = peers.get(name);
  if (peer?.address === undefined)
    throw new SessionRefusedError(name, 'UNKNOWN_MEMBER', 'its address is not known');
  const channel = await callPeer(identity, peer.address, fingerprintsOf(peer), signal);
  const attendee = await greet(name, channel, signal);
  if (attendee.guests !== undefined) return attendee;
  attendee.connection.close();
  throw new SessionRefusedError(
    name,
    'NO_GUESTS',
    "it takes no guests: 'guests' in its config.yaml is not set",
  );
}

export interface GuestSessionOptions {
  readonly organisation: Organisation;
  readonly guests: GuestDoor;
  /** The dealer, from `callDealer`; its connection is used up. */
  readonly dealer: Attendee;
  /** The guest's key of this session. */
  readonly guestKey: Uint8Array;
  /** What dealer and audit log call the program. */
  readonly program: string;
  /** What this organisation runs. */
  readonly runs: PlannedProgram;
  /** Settings of the protocols that are not the default. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The same, complete. */
  readonly protocol: ProtocolConfig;
  /** How long a message of another member may take, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly thread?: SessionThread | undefined;
  readonly tell?: HostOptions['tell'];
  readonly onNotice?: HostOptions['onNotice'];
  readonly mayGoOn?: SessionTask['mayGoOn'];
  readonly metrics?: SessionTask['metrics'];
}

/** A session that the dealer has accepted. */
export interface GuestSession {
  readonly session: string;
  /** What guest, leader and dealer prove to each other that they know; 64 hexadecimal digits. */
  readonly token: string;
  /** Where the guest dials, by rank. */
  readonly addresses: readonly [null, string, string];
  /** The keys by which the guest knows this organisation and the dealer. */
  readonly keys: { readonly leader: string; readonly dealer: string };
  readonly limits: Proposal['limits'];
  /** Takes part, to the end. Never rejects but with an AuditError, before anything is sent. */
  run(): Promise<SessionReport>;
  /** Calls it off, instead of `run`. */
  cancel(): void;
}

/**
 * Proposes a session with a guest to the dealer.
 * @param options who, and what
 * @returns what the guest has to know, and the way to take part
 * @throws SessionRefusedError with the dealer's reason, ControlLostError
 */
export async function proposeGuestSession(options: GuestSessionOptions): Promise<GuestSession> {
  const { organisation, guests, dealer, guestKey, program, runs, config, protocol, timeoutMs, signal } =
    options;
  const { identity, name } = organisation;
  const { session: settings } = organisation.config;
  const session = randomBytes(16).toString('hex');
  const token = randomBytes(32).toString('hex');
  const limits = {
    timeoutMs,
    resumeMs: Math.max(1, settings.resume),
    connectMs: Math.min(settings.wait, CONNECT_MS),
  };
  const proposal: Proposal = {
    type: 'propose',
    session,
    program: { name: program, hash: runs.hash, arguments: [] },
    members: [
      { fingerprint: identity.fingerprint, role: 'party' },
      { fingerprint: dealer.fingerprint, role: 'dealer' },
    ],
    guest: { key: Buffer.from(guestKey).toString('hex') },
    config: { ...config },
    limits,
  };
  const [given = null] = await proposeTo([dealer], proposal, signal);
  const { guests: door } = dealer;
  if (door === undefined) throw new SessionRefusedError(dealer.name, 'NO_GUESTS', 'it takes no guests');
  const begin: Begin = { type: 'begin', addresses: [null, null, given], token };
  const run = async (): Promise<SessionReport> => {
    const progress = beginWith([dealer], begin);
    const failed = new AbortController();
    let linked = false;
    progress.started.catch((error) => failed.abort(error));
    // Once all links are made, they say who is there.
    void progress.lost.then((error) => linked || failed.abort(error));
    try {
      return await takePartIn(organisation, {
        session,
        membership: {
          rank: RANKS.leader,
          parties: RANKS.dealer,
          dealer: true,
          role: 'party',
          names: ['the client', name, dealer.name],
          fingerprints: ['', identity.fingerprint, dealer.fingerprint],
          addresses: [undefined, undefined, organisation.peers.get(dealer.name)?.address],
          guest: guestKey,
          config: protocol,
        },
        program: { name: program, hash: runs.hash },
        runs: { ...runs, files: {} },
        addresses: begin.addresses,
        token,
        limits,
        hub: undefined,
        guests,
        signal: AbortSignal.any([signal, failed.signal]),
        onStarted: () => {
          linked = true;
        },
        onNotice: options.onNotice,
        thread: options.thread,
        tell: options.tell,
        ...(options.mayGoOn && { mayGoOn: options.mayGoOn }),
        metrics: options.metrics,
        say: () => {},
      });
    } finally {
      if (signal.aborted) dismiss([dealer], 'cancelled');
      dealer.connection.close();
    }
  };
  return {
    session,
    token,
    addresses: [null, guests.door.address, door.address],
    keys: { leader: guests.door.key, dealer: door.key },
    limits,
    run,
    cancel: () => dismiss([dealer], 'the session does not begin'),
  };
}

/** The guest has asked a moment ago, so connecting takes moments; a network may be slow. */
const CONNECT_MS = 30_000;
