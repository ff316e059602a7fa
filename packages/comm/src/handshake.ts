/**
 * Mutual authentication of two members over a fresh connection, by a token that all members of a session share.
 *
 *   dialer   -> hello      version, session id, both ranks, size, nonce A
 *   listener -> challenge  nonce B
 *   dialer   -> proof      HMAC-SHA256(token, "dialer",   all of the above)
 *   listener -> welcome    HMAC-SHA256(token, "listener", all of the above)
 *
 * The token itself never travels. The dialer proves itself first, so that a stranger who dials learns no code of
 * ours. Either proof names its direction, ranks and both nonces, so none can be reflected or replayed.
 * It proves who is at the other end; secrecy and integrity afterwards are the task of TLS (`wss:`).
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { CommArgumentError, HandshakeError } from './errors.js';
import type { MessageSocket } from './message-socket.js';

export const HANDSHAKE_VERSION = 1;
const NONCE_BYTES = 32;
const MIN_TOKEN_BYTES = 16;
const MAX_SESSION_ID = 256;
const MAX_MESSAGE = 2048;

/** Why a connection is refused, and the close code that tells the other side. */
export const REFUSALS = {
  malformed: 4400,
  'wrong token': 4401,
  'unknown session': 4404,
  'wrong version': 4406,
  'too slow': 4408,
  'duplicate rank': 4409,
  oversized: 4413,
  'too many': 4429,
} as const;
export type Refusal = keyof typeof REFUSALS;

/** Who wants to talk to whom. */
export interface Hello {
  readonly sessionId: string;
  /** Rank of the dialer. */
  readonly from: number;
  /** Rank of the listener. */
  readonly to: number;
  readonly size: number;
}

/** What the listener knows of a session that it takes part in. */
export interface Admission {
  readonly token: Uint8Array;
  /** Claims the rank of the hello for this connection; false if another connection has it. */
  claim(): boolean;
}

/** Throws CommArgumentError on a session id or token that is no good. */
export function checkCredentials(sessionId: string, token: Uint8Array): void {
  if (sessionId.length === 0 || sessionId.length > MAX_SESSION_ID)
    throw new CommArgumentError(`a session id has 1 to ${MAX_SESSION_ID} characters`);
  if (token.byteLength < MIN_TOKEN_BYTES)
    throw new CommArgumentError(`a session token has at least ${MIN_TOKEN_BYTES} random bytes`);
}

/** The dialer's half. Rejects with HandshakeError, or SocketEndedError if the listener hangs up. */
export async function greet(socket: MessageSocket, hello: Hello, token: Uint8Array): Promise<void> {
  const nonceA = freshNonce();
  socket.send(JSON.stringify({ type: 'hello', version: HANDSHAKE_VERSION, ...hello, nonce: nonceA }));
  const { nonce: nonceB } = await readMessage(socket, 'challenge');
  if (!isNonce(nonceB)) throw new HandshakeError('malformed', 'the listener sent a malformed challenge');
  socket.send(JSON.stringify({ type: 'proof', mac: prove(token, 'dialer', hello, nonceA, nonceB) }));
  const { mac } = await readMessage(socket, 'welcome');
  if (typeof mac !== 'string' || !equal(mac, prove(token, 'listener', hello, nonceA, nonceB)))
    throw new HandshakeError('wrong token', 'the listener does not know the session token');
}

/**
 * The listener's half. `admit` finds the session that a hello names. Resolves with the hello of a member that
 * has proved itself; rejects with a HandshakeError whose reason is a Refusal, or SocketEndedError.
 */
export async function receiveGuest(
  socket: MessageSocket,
  admit: (hello: Hello) => Admission | undefined,
): Promise<Hello> {
  const message = await readMessage(socket, 'hello');
  if (message.version !== HANDSHAKE_VERSION) refuse('wrong version');
  const { sessionId, from, to, size, nonce: nonceA } = message;
  if (typeof sessionId !== 'string' || !isRank(from) || !isRank(to) || !isRank(size) || !isNonce(nonceA))
    return refuse('malformed');
  const hello: Hello = { sessionId, from, to, size };
  const admission = admit(hello);
  if (admission === undefined) return refuse('unknown session');
  const nonceB = freshNonce();
  socket.send(JSON.stringify({ type: 'challenge', nonce: nonceB }));
  const { mac } = await readMessage(socket, 'proof');
  if (typeof mac !== 'string' || !equal(mac, prove(admission.token, 'dialer', hello, nonceA, nonceB)))
    return refuse('wrong token');
  if (!admission.claim()) return refuse('duplicate rank');
  socket.send(
    JSON.stringify({ type: 'welcome', mac: prove(admission.token, 'listener', hello, nonceA, nonceB) }),
  );
  return hello;
}

function refuse(reason: Refusal): never {
  throw new HandshakeError(reason, `refused: ${reason}`);
}

async function readMessage(socket: MessageSocket, type: string): Promise<Record<string, unknown>> {
  const text = await socket.read();
  if (typeof text !== 'string' || text.length > MAX_MESSAGE) return refuse('malformed');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('malformed');
  }
  if (typeof value !== 'object' || value === null) return refuse('malformed');
  const message = value as Record<string, unknown>;
  return message.type === type ? message : refuse('malformed');
}

function prove(
  token: Uint8Array,
  role: 'dialer' | 'listener',
  { sessionId, from, to, size }: Hello,
  nonceA: string,
  nonceB: string,
): string {
  const text = JSON.stringify(['tacit', HANDSHAKE_VERSION, role, sessionId, from, to, size, nonceA, nonceB]);
  return bytesToHex(hmac(sha256, token, utf8ToBytes(text)));
}

function freshNonce(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

const isRank = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 16;

const isNonce = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 2 * NONCE_BYTES && /^[0-9a-f]*$/.test(value);

/** Compares in a time that depends on the lengths only. */
function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a.charCodeAt(i) | 0) ^ b.charCodeAt(i);
  return difference === 0;
}
