/**
 * What client and service say to each other before a session: texts of JSON over a channel on which both have proved who
 * they are.
 *
 *   client   -> open      a session, please
 *   service  -> session   everything that it takes to join it; or refuse
 *
 * The client proves that it has the invite and names the key that it will have in the session; the service and the dealer
 * are known by the keys in the invite. The hello's session id carries both: `model/INVITE-ID/CLIENT-KEY`.
 */
import * as v from 'valibot';
import { ServiceProtocolError } from '../errors.js';

/** Of these messages and of the program that both run. */
export const SERVICE_VERSION = 1;
const MAX_MESSAGE = 64 * 1024;

const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));
const line = (longest: number) => v.pipe(v.string(), v.maxLength(longest), v.regex(/^\P{Cc}*$/u));
const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(2 ** 31 - 1));

const open = v.strictObject({ type: v.literal('open'), version: v.number() });
const session = v.strictObject({
  type: v.literal('session'),
  session: hex(32),
  token: hex(64),
  /** What the service calls itself and its dealer. */
  service: line(64),
  dealer: line(64),
  /** By rank; the client has none. */
  addresses: v.tuple([v.null(), line(512), line(512)]),
  config: v.record(line(64), v.unknown()),
  limits: v.strictObject({
    timeoutMs: ms,
    resumeMs: ms,
    connectMs: ms,
    /** After how long without a question the service ends the session. */
    idleMs: ms,
  }),
});
const refuse = v.strictObject({
  type: v.literal('refuse'),
  code: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/)),
  reason: line(512),
});

const toService = v.variant('type', [open]);
const toClient = v.variant('type', [session, refuse]);
export type ToService = v.InferOutput<typeof toService>;
export type ToClient = v.InferOutput<typeof toClient>;
/** Everything that it takes to join a session. */
export type SessionOffer = v.InferOutput<typeof session>;

/** Reads a message of a client. @throws ServiceProtocolError */
export const readOfClient = (data: string | ArrayBuffer): ToService => read(toService, data);
/** Reads a message of a service. @throws ServiceProtocolError */
export const readOfService = (data: string | ArrayBuffer): ToClient => read(toClient, data);

function read<T>(schema: v.GenericSchema<unknown, T>, data: string | ArrayBuffer): T {
  try {
    if (typeof data === 'string' && data.length <= MAX_MESSAGE) return v.parse(schema, JSON.parse(data));
  } catch {
    // Said below, without quoting it.
  }
  throw new ServiceProtocolError('a message that nobody of this version sends');
}

const GUEST = /^model\/([0-9a-f]{16})\/([0-9a-f]{64})$/;

/** The session id of a client's first hello. */
export const guestSessionId = (invite: string, key: string): string => `model/${invite}/${key}`;

/** What such a session id says: the id of the invite, and the key, hexadecimal; undefined for any other. */
export function guestOf(sessionId: string): { readonly invite: string; readonly key: string } | undefined {
  const [, invite, key] = GUEST.exec(sessionId) ?? [];
  return invite && key ? { invite, key } : undefined;
}
