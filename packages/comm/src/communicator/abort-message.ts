/**
 * How one member tells the others that it aborts: an entry under a reserved key with code and message as JSON. The
 * stack stays at home: paths and calls of one member do not concern the others.
 *
 * An error that blames a third member (it left, it broke the protocol) arrives as that same error, so that all
 * members name the culprit and not the messenger.
 *
 * A member that leaves since it has heard of an abort says so in its last words: they may be quicker than the abort
 * itself, and who waits for that member learns why it left. They are a message as the others, marked `leaving`, without
 * the text: what one member was told is not for each of the others. They name the member that told it: who is believed to
 * have failed, since somebody cannot reach it, has to know who that is.
 */
import type { TacitError } from '@tacit/errors';
import { type LeaveReason, PeerAbortedError, PeerLeftError, ProtocolViolationError } from '../errors.js';
import type { Entry, Key } from '../transport.js';

/** Keys that start with this character belong to the communicator. */
export const RESERVED_PREFIX = '\0';
/** The key of the message. */
export const ABORT_KEY: Key = `${RESERVED_PREFIX}abort`;

const MAX_TEXT = 16_384;
const REASONS: readonly LeaveReason[] = ['goodbye', 'disconnected', 'violation', 'unresponsive'];

interface AbortMessage {
  code: string;
  message: string;
  /** The rank that the error blames, if that is neither the sender nor the receiver. */
  culprit?: number;
  reason?: string;
  /** Not an abort, but the last words of a member that leaves because of one. */
  leaving?: true;
  /** In last words: the rank that told of the abort. */
  reporter?: number;
}

/** The entry that tells `error` to the other members. */
export function encodeAbort(error: Error): Entry {
  const cut = (text: string): string => text.slice(0, MAX_TEXT);
  const message: AbortMessage = { code: codeOf(error), message: cut(error.message) };
  if (error instanceof PeerLeftError) {
    message.culprit = error.rank;
    message.reason = error.reason;
  } else if (error instanceof ProtocolViolationError) {
    message.culprit = error.rank;
    message.message = cut(error.detail);
  }
  return { key: ABORT_KEY, payload: new TextEncoder().encode(JSON.stringify(message)) };
}

/** The last words of a member that leaves because of `error`, of which it has heard from the member `reporter`. */
export function encodeFarewell(error: Error, reporter: number): Entry {
  // The code of what failed first, not that of having heard of it; but codes that blame somebody are read as blame.
  const first = error instanceof PeerAbortedError ? error.remoteCode : codeOf(error);
  const blames = first === 'PEER_LEFT' || first === 'PROTOCOL_VIOLATION';
  const code = blames ? codeOf(error) : first;
  const message: AbortMessage = { code, message: '', leaving: true, reporter };
  if ('rank' in error && typeof error.rank === 'number') message.culprit = error.rank;
  if (error instanceof PeerLeftError) message.reason = error.reason;
  return { key: ABORT_KEY, payload: new TextEncoder().encode(JSON.stringify(message)) };
}

/** Whether an abort message is the last words of a member that leaves. */
export const isFarewell = (payload: Uint8Array): boolean => parse(payload)?.leaving === true;

/** The error for the receiver of an abort message; a malformed message is itself a violation. */
export function decodeAbort(
  payload: Uint8Array,
  from: number,
  to: number,
  nameOf: (rank: number) => string,
): TacitError {
  const message = parse(payload);
  if (message === undefined)
    return new ProtocolViolationError('its abort message is malformed', from, nameOf(from));
  const { culprit, code } = message;
  if (culprit !== undefined && culprit !== from && culprit !== to) {
    const reason = REASONS.find((known) => known === message.reason);
    const reported = `reported by ${nameOf(from)}`;
    if (code === 'PEER_LEFT' && reason !== undefined)
      return new PeerLeftError(culprit, reason, nameOf(culprit), reported);
    if (code === 'PROTOCOL_VIOLATION')
      return new ProtocolViolationError(`${message.message} (${reported})`.trim(), culprit, nameOf(culprit));
    if (message.leaving)
      return new PeerAbortedError(culprit, code, `${reported}, which left because of it`, nameOf(culprit));
  }
  const text =
    message.leaving && culprit !== undefined
      ? `it has heard${source(message, from, nameOf)} that ${nameOf(culprit)} failed`
      : message.message;
  return new PeerAbortedError(from, code, text, nameOf(from));
}

const source = ({ reporter }: AbortMessage, from: number, nameOf: (rank: number) => string): string =>
  reporter === undefined || reporter === from ? '' : ` from ${nameOf(reporter)}`;

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function parse(payload: Uint8Array): AbortMessage | undefined {
  if (payload.byteLength > 16 * MAX_TEXT) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, message, culprit, reason, leaving, reporter } = value as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  if (reason !== undefined && typeof reason !== 'string') return undefined;
  for (const rank of [culprit, reporter])
    if (rank !== undefined && typeof rank !== 'number') return undefined;
  const ranks = { culprit, reporter } as Pick<AbortMessage, 'culprit' | 'reporter'>;
  return { code, message, reason, ...ranks, ...(leaving === true && { leaving }) };
}
