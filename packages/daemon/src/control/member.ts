/**
 * The member's half of the control protocol: from the first message of whoever dials to the end of the session that it
 * leads. It decides nothing; what is allowed is the owner's policy.
 *
 *   known peer   propose -> considered -> accept -> begin -> run -> started -> ended
 *                                      -> refuse
 *   known peer   diagnose -> diagnosing, and then what `tacit doctor` asks
 *   anybody      redeem  -> paired, or refuse
 *
 * A leader that is lost before the session has begun takes its proposal back; one that is lost later does not end the
 * session, whose own links say who is there.
 */
import type { Channel } from '@tacit/comm/layers';
import { ControlLostError, SessionCancelledError } from '../session-errors.js';
import type { Binding, BoundChannel } from './bound-channel.js';
import { ControlConnection } from './connection.js';
import { type Begin, CONTROL_VERSION, type ControlMessage, type Proposal, type Redeem } from './messages.js';
import { Refusal } from './refusal.js';

/** A session that this member would take part in. */
export interface Candidate {
  /** Where the others can dial this member. */
  readonly address: string | null;
  /** How long it waits for the session to begin, if that is not as always. */
  readonly leaseMs?: number | undefined;
  /**
   * Takes part, to the end. Never rejects.
   * @param begin what the leader said
   * @param onStarted to be called once all links are made
   * @param signal ends the session; its reason is an error
   * @returns the code of the error, if it failed
   */
  run(begin: Begin, onStarted: () => void, signal: AbortSignal): Promise<string | null>;
  /** The session will not begin. */
  withdraw(why: Error): void;
}

/** Who dials. */
export interface Caller {
  readonly fingerprint: string;
  readonly name: string;
}

/** What the owner of this process decides. Functions throw `Refusal`. */
export interface ControlPolicy {
  /** Of the software. */
  readonly release: string;
  /** Where guests reach this process; undefined where they may not. */
  readonly guests?: ControlMessage<'welcome'>['guests'];
  /** What a peer is called here; undefined for a stranger. */
  nameOf(fingerprint: string): string | undefined;
  /** Somebody has got an invite of this process. Returns what this organisation calls itself. */
  redeem(request: Redeem, binding: Binding): Promise<string>;
  /** A peer wants this member in a session. */
  consider(proposal: Proposal, from: Caller): Promise<Candidate>;
  /**
   * A peer asks how well it reaches this process. Takes the channel over, until its end; never rejects.
   * @param channel without a listener
   * @param from the peer
   */
  diagnose?(channel: Channel, from: Caller): Promise<void>;
  /** Something went wrong that is this process's own fault; the other end hears only that. */
  onError(error: unknown, from: string): void;
}

/** How patient a member is. */
export interface ControlPatience {
  /** For the first message of a stranger. Default 10 s. */
  readonly firstMs?: number;
  /** For that of a peer, which may connect before it has a session in mind. Default 5 minutes. */
  readonly peerFirstMs?: number;
  /** Between acceptance and beginning, while other members are asked. Default 60 s. */
  readonly beginMs?: number;
}

/**
 * Serves one control channel, until it is over and so is its session.
 * @param channel of a peer or of a stranger
 * @param policy of the owner
 * @param patience limits on what the leader may take
 * @returns when everything is done; never rejects
 */
export async function serveControl(
  channel: BoundChannel,
  policy: ControlPolicy,
  patience: ControlPatience = {},
): Promise<void> {
  const { binding } = channel;
  const fingerprint = binding.peerFingerprint;
  const name = policy.nameOf(fingerprint);
  const connection = new ControlConnection(channel, name ?? 'a stranger');
  try {
    if (name === undefined) {
      connection.send({ type: 'welcome', version: CONTROL_VERSION });
      await redeemed(connection, channel, policy, patience);
    } else {
      channel.authenticated?.();
      const { release, guests } = policy;
      connection.send({ type: 'welcome', version: CONTROL_VERSION, release, ...(guests && { guests }) });
      await served(connection, channel, policy, { fingerprint, name }, patience);
    }
  } catch (error) {
    if (connection.failure === undefined) policy.onError(error, name ?? fingerprint);
  } finally {
    connection.close();
  }
}

async function redeemed(
  connection: ControlConnection,
  { binding }: BoundChannel,
  policy: ControlPolicy,
  { firstMs = 10_000 }: ControlPatience,
): Promise<void> {
  // A stranger that asks for anything else is told that it is one, since its operator may only have lost an invite.
  const message = await connection.next(['redeem', 'propose', 'diagnose'], { timeoutMs: firstMs });
  if (message.type !== 'redeem')
    connection.send(refusal(new Refusal('UNKNOWN_PEER', 'this process does not know your identity')));
  else await redeem(connection, message, binding, policy);
}

async function redeem(
  connection: ControlConnection,
  message: Redeem,
  binding: Binding,
  policy: ControlPolicy,
): Promise<void> {
  try {
    connection.send({ type: 'paired', name: await policy.redeem(message, binding) });
  } catch (error) {
    connection.send(refusalOf(error, policy, binding.peerFingerprint));
  }
}

async function served(
  connection: ControlConnection,
  { binding }: BoundChannel,
  policy: ControlPolicy,
  from: Caller,
  { peerFirstMs = 300_000, beginMs = 60_000 }: ControlPatience,
): Promise<void> {
  const first = await connection.next(['propose', 'redeem', 'diagnose'], { timeoutMs: peerFirstMs });
  if (first.type === 'redeem') return redeem(connection, first, binding, policy);
  if (first.type === 'diagnose') {
    if (policy.diagnose === undefined) {
      connection.send(refusal(new Refusal('UNSUPPORTED', 'this process answers no diagnosis')));
      return;
    }
    // The other end says nothing before it has heard this, so that nothing is lost on the way.
    connection.send({ type: 'diagnosing' });
    return policy.diagnose(connection.handOver(), from);
  }
  let candidate: Candidate;
  try {
    candidate = await policy.consider(first, from);
  } catch (error) {
    connection.send(refusalOf(error, policy, from.name));
    return;
  }
  let begin: Begin;
  try {
    const { address, leaseMs } = candidate;
    connection.send({ type: 'accept', address, ...(leaseMs !== undefined && { lease: leaseMs }) });
    const answer = await connection.next(['begin', 'cancel'], { timeoutMs: leaseMs ?? beginMs });
    if (answer.type === 'cancel') return candidate.withdraw(new SessionCancelledError(from.name));
    begin = answer;
  } catch (error) {
    candidate.withdraw(error as Error);
    throw error;
  }
  const code = await run(connection, candidate, begin, from);
  connection.send({ type: 'ended', code });
}

/** The session itself, which a leader may cancel at any time, and takes along only before it has started. */
async function run(
  connection: ControlConnection,
  candidate: Candidate,
  begin: Begin,
  from: Caller,
): Promise<string | null> {
  const controller = new AbortController();
  const over = new AbortController();
  let started = false;
  connection.next(['cancel'], { signal: over.signal }).then(
    () => controller.abort(new SessionCancelledError(from.name)),
    (error: Error) => {
      if (!started && !over.signal.aborted) controller.abort(new ControlLostError(from.name, error.message));
    },
  );
  const onStarted = (): void => {
    started = true;
    connection.send({ type: 'started' });
  };
  const code = await candidate.run(begin, onStarted, controller.signal);
  over.abort(new Error('the session is over'));
  return code;
}

function refusalOf(error: unknown, policy: ControlPolicy, from: string): ControlMessage<'refuse'> {
  if (error instanceof Refusal) return refusal(error);
  policy.onError(error, from);
  return refusal(new Refusal('INTERNAL', 'an error of its own; its log says more'));
}

const refusal = ({ code, reason, attempt }: Refusal): ControlMessage<'refuse'> => ({
  type: 'refuse',
  code,
  reason,
  ...(attempt !== undefined && { attempt }),
});
