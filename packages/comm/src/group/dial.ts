/**
 * Dialing with patience: members start at different moments, so a member that is not there yet is tried again, with
 * growing pauses, until the connect timeout.
 *
 * By hand and not by p-retry with delay: a browser tab loads this, 21 kB minified, and these would add 6 kB.
 */

import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import type { Open } from '../channel/open.js';
import { ChannelEndedError } from '../channel/read-message.js';
import { Deadline } from '../deadline.js';
import { CommArgumentError, HandshakeError, PeerUnreachableError } from '../errors.js';
import type { Attempts } from '../link/link-layer.js';
import { type Hello, REFUSALS } from '../secure/secure-layer.js';

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1000;
/** A connection on which nothing comes is one that is lost. */
const HANDSHAKE_MS = 15_000;
/** Refusals that may pass: the listener has not joined the session yet, or was too busy. */
const TRANSIENT: readonly number[] = [
  REFUSALS['unknown session'],
  REFUSALS['too slow'],
  REFUSALS['too many'],
];

/** So may this where connections are resumed: the listener may not have noticed yet that the one before is broken. */
const isTransient = (code: number, { resumable }: Hello): boolean =>
  TRANSIENT.includes(code) || (resumable && code === REFUSALS['duplicate rank']);

/**
 * Whether a member says that it has lost the session: its process was started again, or has given the session up. Only one
 * that TLS has proved to be the member counts. Others who listen there, and nobody, may be there in its place for a while.
 */
const hasLostSession = (error: unknown, channel: Channel | undefined, { resuming }: Attempts): boolean =>
  resuming === true &&
  channel?.binding !== undefined &&
  error instanceof ChannelEndedError &&
  error.end.code === REFUSALS['unknown session'];

export interface DialOptions<T> {
  readonly address: string;
  readonly hello: Hello;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly open: Open;
  /** The handshake, by which both ends prove who they are. */
  readonly prove: (channel: Channel) => Promise<Channel>;
  /** What has to be said before the connection is worth something; the other end may be in no hurry to answer. */
  readonly greet: (channel: Channel) => Promise<T>;
  readonly attempts?: Attempts | undefined;
  /** How long it may take to connect and to prove oneself. Default 15 s. */
  readonly handshakeTimeoutMs?: number | undefined;
}

/**
 * What `greet` makes of a connection to `hello.to`. Rejects with PeerUnreachableError at the timeout, HandshakeError if
 * the other side refuses for good or cannot prove itself, or the reason of `signal`.
 */
export async function dial<T>(options: DialOptions<T>): Promise<T> {
  const { address, hello, timeoutMs, signal, attempts = {}, handshakeTimeoutMs = HANDSHAKE_MS } = options;
  const deadline = performance.now() + timeoutMs;
  checkAddress(hello.to, address);
  let cause: unknown;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.7, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const left = deadline - performance.now();
    if (left <= 0) throw new PeerUnreachableError(hello.to, address, timeoutMs, textOf(cause), { cause });
    const attempt = new Deadline(Math.min(left, attempts.limitMs ?? left), signal);
    const proving = new Deadline(handshakeTimeoutMs, attempt.signal);
    let channel: Channel | undefined;
    try {
      const fresh = await options.open(address, proving.signal);
      channel = fresh;
      const secured = await unlessAborted(proving.signal, options.prove(fresh));
      secured.authenticated?.();
      return await unlessAborted(attempt.signal, options.greet(secured));
    } catch (error) {
      channel?.destroy();
      if (error instanceof CommArgumentError) throw error;
      if (hasLostSession(error, channel, attempts))
        throw new HandshakeError(
          'unknown session',
          `rank ${hello.to} at ${address} does not know the session any more: it was started again, or has left`,
        );
      const refusal = refusalOf(error, hello, address);
      if (refusal !== undefined) throw refusal;
      const { aborted } = proving.signal;
      if (!aborted || cause === undefined) cause = error;
      if (!aborted) attempts.onFailed?.(textOf(error));
    } finally {
      proving.stop();
      attempt.stop();
    }
    await sleep(Math.min(pause, Math.max(0, deadline - performance.now())), signal);
  }
}

const unlessAborted = <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> =>
  abortable<T>(signal, (resolve, reject) => void promise.then(resolve, reject));

function checkAddress(rank: number, address: string): void {
  if (!/^wss?:$/.test(URL.canParse(address) ? new URL(address).protocol : ''))
    throw new CommArgumentError(
      `the address of rank ${rank}, ${JSON.stringify(address)}, is not of the form ws://host:port or wss://host:port`,
    );
}

function refusalOf(error: unknown, hello: Hello, address: string): HandshakeError | undefined {
  const { to } = hello;
  const where = `rank ${to} at ${address}`;
  if (error instanceof HandshakeError) return new HandshakeError(error.reason, `${where}: ${error.message}`);
  if (!(error instanceof ChannelEndedError)) return undefined;
  const { code } = error.end;
  if (isTransient(code, hello)) return undefined;
  const reason = Object.entries(REFUSALS).find(([, known]) => known === code)?.[0];
  if (reason === undefined) return undefined;
  return new HandshakeError(reason, `${where} refuses this member: ${reason}`);
}

function textOf(cause: unknown): string {
  if (cause instanceof Error) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    return cause.message || code || cause.name;
  }
  return 'no answer';
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  abortable(signal, (resolve) => {
    const timer = setTimeout(resolve, ms);
    return () => clearTimeout(timer);
  });
