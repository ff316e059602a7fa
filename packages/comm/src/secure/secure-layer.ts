/**
 * The layer that makes an authenticated channel of a fresh one. The dialer opens with a hello that says who it is and
 * whom it wants; the rest is the layer's own: a proof by a shared token (`token-handshake.ts`), or a Noise handshake that
 * also encrypts everything afterwards (`noise/noise-layer.ts`). A layer is chosen for a session by all its members alike.
 */
import type { Channel, ChannelMessage } from '../channel/channel.js';
import { readMessage } from '../channel/read-message.js';
import { CommArgumentError, HandshakeError } from '../errors.js';

export const HANDSHAKE_VERSION = 3;
const MIN_TOKEN_BYTES = 16;
const MAX_SESSION_ID = 256;
const MAX_MESSAGE = 2048;

/** Why a connection is refused, and the close code that tells the other side. */
export const REFUSALS = {
  malformed: 4400,
  'wrong token': 4401,
  'wrong key': 4403,
  'certificate expired': 4405,
  'unknown session': 4404,
  'wrong version': 4406,
  'too slow': 4408,
  'duplicate rank': 4409,
  'link lost': 4410,
  oversized: 4413,
  'too many': 4429,
} as const;
export type Refusal = keyof typeof REFUSALS;

/** Who wants to talk to whom, and how. Public: it travels in the clear. */
export interface Hello {
  readonly sessionId: string;
  /** Rank of the dialer. */
  readonly from: number;
  /** Rank of the listener. */
  readonly to: number;
  readonly size: number;
  /** Whether a broken connection is to be resumed. */
  readonly resumable: boolean;
}

/** The first message of a dialer: its hello, the layer that it speaks, and what that layer opens with. */
export interface Opening extends Hello {
  readonly layer: string;
  readonly nonce: string;
  /** Whether the dialer can derive a secret from TLS (`exportKey`), in layers that use it. */
  readonly bound?: boolean | undefined;
}

/** The half of a layer that members need who dial only, browsers above all. */
export interface DialingLayer {
  /** Names the layer in a hello. */
  readonly name: string;
  /** Throws CommArgumentError if this member lacks what it needs to know about `peer`. */
  check(peer: number): void;
  /**
   * The dialer's half. Resolves with the channel to go on with.
   * @throws HandshakeError if the listener cannot prove who it is, ChannelEndedError if it refuses
   */
  initiate(channel: Channel, hello: Hello): Promise<Channel>;
}

export interface SecureLayer extends DialingLayer {
  /**
   * The listener's half, after the opening, which may claim any rank. `claim` is called once the dialer has proved itself, before it is welcomed.
   * @throws HandshakeError whose reason is a Refusal, or ChannelEndedError
   */
  respond(channel: Channel, opening: Opening, claim: () => boolean): Promise<Channel>;
}

/** A secret of the session: one for all members, or one for each pair, as this member knows it. */
export type Token = Uint8Array | ((peer: number) => Uint8Array);

/** Throws CommArgumentError on a session id that is empty or too long. */
export function checkSessionId(sessionId: string): void {
  if (sessionId.length === 0 || sessionId.length > MAX_SESSION_ID)
    throw new CommArgumentError(`a session id has 1 to ${MAX_SESSION_ID} characters`);
}

/** The token that this member shares with `peer`. Throws CommArgumentError on one that is too short. */
export function tokenFor(token: Token, peer: number): Uint8Array {
  const bytes = typeof token === 'function' ? token(peer) : token;
  if (!(bytes?.byteLength >= MIN_TOKEN_BYTES))
    throw new CommArgumentError(
      `a token has at least ${MIN_TOKEN_BYTES} random bytes, better 32; that for rank ${peer} has ${bytes?.byteLength ?? 'none'}`,
    );
  return bytes;
}

/** Sends the first message of a dialer. */
export function sendOpening(
  channel: Channel,
  { sessionId, from, to, size, resumable, layer, nonce, bound }: Opening,
): void {
  const hello = {
    type: 'hello',
    version: HANDSHAKE_VERSION,
    layer,
    sessionId,
    from,
    to,
    size,
    resumable,
    nonce,
    bound,
  };
  channel.send(JSON.stringify(hello));
}

/**
 * Reads the first message of a dialer. Throws HandshakeError on anything else, ChannelEndedError.
 * @param channel the listener's end, on which nothing has been read
 * @returns what the dialer claims; nothing of it is proved
 */
export async function readOpening(channel: Channel): Promise<Opening> {
  return openingOf(await readJson(channel, 'hello'));
}

/**
 * The same of a message that has been read.
 * @param message of type `hello`
 * @returns what the dialer claims
 */
export function openingOf(message: Record<string, unknown>): Opening {
  if (message.version !== HANDSHAKE_VERSION) refuse('wrong version');
  const { layer, sessionId, from, to, size, resumable, nonce, bound } = message;
  if (typeof layer !== 'string' || typeof sessionId !== 'string' || typeof nonce !== 'string')
    return refuse('malformed');
  if (!isRank(from) || !isRank(to) || !isRank(size) || typeof resumable !== 'boolean')
    return refuse('malformed');
  if (bound !== undefined && typeof bound !== 'boolean') return refuse('malformed');
  return { layer, sessionId, from, to, size, resumable, nonce, bound };
}

export function refuse(reason: Refusal): never {
  throw new HandshakeError(reason, `refused: ${reason}`);
}

/** A message of a handshake as an object of this type; refuses anything else as malformed. */
export async function readJson(channel: Channel, type: string): Promise<Record<string, unknown>> {
  const message = parseJson(await readMessage(channel));
  return message.type === type ? message : refuse('malformed');
}

/** A message of a handshake as an object of some type; refuses anything else as malformed. */
export function parseJson(text: ChannelMessage): Record<string, unknown> {
  if (typeof text !== 'string' || text.length > MAX_MESSAGE) return refuse('malformed');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('malformed');
  }
  if (typeof value !== 'object' || value === null) return refuse('malformed');
  return value as Record<string, unknown>;
}

const isRank = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 16;
