/**
 * The leader's half of the control protocol: calls all members, in whatever order they appear, proposes a session to
 * them, and begins it once all have accepted.
 */
import { deviceIdOf } from '@tacit/identity';
import {
  ControlVersionError,
  MemberAbsentError,
  MemberFailedError,
  SessionRefusedError,
} from '../session-errors.js';
import type { BoundChannel } from './bound-channel.js';
import { ControlConnection } from './connection.js';
import { type Begin, CONTROL_VERSION, type ControlMessage, type Proposal } from './messages.js';
import { WaitingRoom } from './waiting.js';

/** Somebody who is to be a member. */
export interface Invitee {
  readonly name: string;
  /**
   * Makes a control channel; one attempt.
   * @throws an error with `fatal: true` where trying again is pointless
   */
  call(signal: AbortSignal): Promise<BoundChannel>;
}

/** A member that answered. */
export interface Attendee {
  readonly name: string;
  readonly fingerprint: string;
  readonly connection: ControlConnection;
  /** Of its software. */
  readonly release: string | undefined;
  /** Where guests reach it, if they may. */
  readonly guests: ControlMessage<'welcome'>['guests'];
}

export interface GatherOptions {
  readonly invitees: readonly Invitee[];
  /** How long they may take to appear. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Gets lines that say for whom it waits, and since when. */
  readonly say: (text: string) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
const WELCOME_MS = 10_000;
/** Members look at their files and quotas; that takes moments. */
const ANSWER_MS = 30_000;

/**
 * Calls all members until all are there.
 * @param options who, and for how long
 * @returns a connection to each, in the order of the invitees; theirs to close
 * @throws MemberAbsentError naming all that are missing, ControlVersionError, what a fatal call throws, or the reason of the
 *   signal; no connection stays open then
 */
export async function gather(options: GatherOptions): Promise<Attendee[]> {
  const { invitees, waitMs, signal, say } = options;
  const room = new WaitingRoom(
    invitees.map(({ name }) => name),
    say,
  );
  const canceller = new AbortController();
  const timer = setTimeout(() => {
    const { missing } = room;
    const details = missing.flatMap(({ detail }) => detail ?? []);
    const names = missing.map(({ name }) => name);
    canceller.abort(new MemberAbsentError(names, waitMs, details.join('; ') || 'no answer'));
  }, waitMs);
  const during = AbortSignal.any([signal, canceller.signal]);
  const calls = invitees.map(async (invitee) => {
    const attendee = await reach(invitee, during, (detail) => room.failed(invitee.name, detail));
    room.came(invitee.name);
    return attendee;
  });
  try {
    return await Promise.all(calls);
  } catch (error) {
    canceller.abort(error);
    for (const call of await Promise.allSettled(calls))
      if (call.status === 'fulfilled') call.value.connection.close();
    throw error;
  } finally {
    clearTimeout(timer);
    room.close();
  }
}

/** Calls one member until it answers. */
async function reach(
  invitee: Invitee,
  signal: AbortSignal,
  onFailed: (detail: string) => void,
): Promise<Attendee> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.6, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await greet(invitee.name, await invitee.call(signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ControlVersionError || isFatal(error)) throw error;
      onFailed(error instanceof Error ? error.message : String(error));
    }
    await sleep(pause, signal);
  }
}

/**
 * Waits for the welcome of a member.
 * @param name what it is called here
 * @param channel to it, fresh
 * @param signal gives up
 * @returns the member
 * @throws ControlVersionError, and what `ControlConnection.next` throws
 */
export async function greet(name: string, channel: BoundChannel, signal: AbortSignal): Promise<Attendee> {
  channel.authenticated?.();
  const connection = new ControlConnection(channel, name);
  try {
    const { version, release, guests } = await connection.next(['welcome'], {
      timeoutMs: WELCOME_MS,
      signal,
    });
    if (version !== CONTROL_VERSION) throw new ControlVersionError(name, version, CONTROL_VERSION);
    return { name, fingerprint: channel.binding.peerFingerprint, connection, release, guests };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Proposes a session to all members at once.
 * @param attendees all members but the leader
 * @param proposal the same for all
 * @param signal gives up
 * @returns where each can be dialed, in their order
 * @throws SessionRefusedError of the first that refuses, or what `next` throws; the others are told that it is cancelled,
 *   and all connections are closed
 */
export async function proposeTo(
  attendees: readonly Attendee[],
  proposal: Proposal,
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const answers = attendees.map(({ name, connection }) => propose(name, connection, proposal, signal));
  try {
    return await Promise.all(answers);
  } catch (error) {
    dismiss(attendees, 'the session does not begin');
    throw error;
  }
}

/**
 * Proposes an attempt at a shard to its members one after the other, in the order of their device ids: what is accepted is
 * reserved, and two leaders that need the same members do not hold what the other one waits for.
 * @param attendees all members but the leader
 * @param proposal with the shard
 * @param signal gives up
 * @returns where each can be dialed, in the order of the attendees
 * @throws as `proposeTo`; nothing is reserved any more then
 */
export async function reserveWith(
  attendees: readonly Attendee[],
  proposal: Proposal,
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const ids = attendees.map(({ fingerprint }) => deviceIdOf(fingerprint));
  const inOrder = [...attendees.keys()].sort((a, b) => ((ids[a] as string) < (ids[b] as string) ? -1 : 1));
  const addresses: (string | null)[] = attendees.map(() => null);
  try {
    for (const i of inOrder) {
      const { name, connection } = attendees[i] as Attendee;
      addresses[i] = await propose(name, connection, proposal, signal);
    }
    return addresses;
  } catch (error) {
    dismiss(attendees, 'the shard is not computed now');
    throw error;
  }
}

async function propose(
  name: string,
  connection: ControlConnection,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<string | null> {
  connection.send(proposal);
  const answer = await connection.next(['accept', 'refuse'], { timeoutMs: ANSWER_MS, signal });
  if (answer.type === 'refuse')
    throw new SessionRefusedError(name, answer.code, answer.reason, answer.attempt);
  return answer.address;
}

/** Tells members that the session is off, and hangs up. */
export function dismiss(attendees: readonly Attendee[], reason: string): void {
  for (const { connection } of attendees) {
    connection.send({ type: 'cancel', reason });
    connection.close();
  }
}

/** A session that has begun, as its leader hears of it. */
export interface Progress {
  /** Rejects with MemberFailedError if a member fails before all of them have started; resolves when they have. */
  readonly started: Promise<void>;
  /**
   * Resolves if the connection to a member is lost before that has said that it has started, with why. A member that
   * notices this gives up (see `member.ts`), one that has died anyway; but one that has started by then goes on.
   */
  readonly lost: Promise<Error>;
  /** How each member ended, in their order; undefined where that is not known. Settles when all are gone. */
  readonly ended: Promise<(ControlMessage<'ended'> | undefined)[]>;
}

/**
 * Begins the session.
 * @param attendees that have accepted
 * @param begin addresses and token
 * @returns what the members say afterwards
 */
export function beginWith(attendees: readonly Attendee[], begin: Begin): Progress {
  for (const { connection } of attendees) connection.send(begin);
  let onLost: (error: Error) => void = () => {};
  const lost = new Promise<Error>((resolve) => {
    onLost = resolve;
  });
  const follow = attendees.map(({ name, connection }) => {
    const first = connection.next(['started', 'ended']);
    return {
      started: first.then((message) => {
        if (message.type === 'ended') throw new MemberFailedError(name, message.code ?? 'SESSION_ENDED');
      }, onLost),
      ended: first
        .then((message) => (message.type === 'ended' ? message : connection.next(['ended'])))
        .catch(() => undefined),
    };
  });
  const started = Promise.all(follow.map((member) => member.started)).then(() => {});
  started.catch(() => {}); // whoever is interested
  return { started, lost, ended: Promise.all(follow.map((member) => member.ended)) };
}

const isFatal = (error: unknown): boolean =>
  error instanceof Error && (('fatal' in error && error.fatal === true) || isWrongKey(error));

/** Whoever answers has another certificate: it will have the same one the next time. */
const isWrongKey = (error: Error): boolean => 'reason' in error && error.reason === 'wrong key';

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancelled);
    };
    const cancelled = (): void => {
      done();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      done();
      resolve();
    }, ms);
    signal.addEventListener('abort', cancelled);
  });
}
