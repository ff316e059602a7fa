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
import { ServiceProtocolError } from '../errors.js';

/** Of these messages and of the program that both run. */
export const SERVICE_VERSION = 1;
const MAX_MESSAGE = 64 * 1024;

/** What a client asks for. */
export interface ToService {
  readonly type: 'open';
  readonly version: number;
}

/** Everything that it takes to join a session. */
export interface SessionOffer {
  readonly type: 'session';
  readonly session: string;
  readonly token: string;
  /** What the service calls itself and its dealer. */
  readonly service: string;
  readonly dealer: string;
  /** By rank; the client has none. */
  readonly addresses: readonly [client: null, service: string, dealer: string];
  readonly config: Readonly<Record<string, unknown>>;
  readonly limits: {
    readonly timeoutMs: number;
    readonly resumeMs: number;
    readonly connectMs: number;
    /** After how long without a question the service ends the session. */
    readonly idleMs: number;
  };
}

/** Why there is none. */
export interface ServiceRefusal {
  readonly type: 'refuse';
  readonly code: string;
  readonly reason: string;
}

export type ToClient = SessionOffer | ServiceRefusal;

/*
 * By hand, since a page loads this: with a library for schemas it would be 2 kB more.
 */
type Check = (value: unknown) => boolean;
const text =
  (form: RegExp): Check =>
  (value) =>
    typeof value === 'string' && form.test(value);
const line = text(/^\P{Cc}{0,512}$/u);
const milliseconds: Check = (value) => typeof value === 'number' && value >= 0 && value < 2 ** 31;
const record: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** An object with these members and no others. */
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    record(value) &&
    Object.keys(value as object).length === Object.keys(members).length &&
    Object.entries(members).every(
      ([name, check]) =>
        Object.hasOwn(value as object, name) && check((value as Record<string, unknown>)[name]),
    );
const is =
  (wanted: unknown): Check =>
  (value) =>
    value === wanted;

const open = object({ type: is('open'), version: (value) => Number.isInteger(value) });
const session = object({
  type: is('session'),
  session: text(/^[0-9a-f]{32}$/),
  token: text(/^[0-9a-f]{64}$/),
  service: line,
  dealer: line,
  addresses: (value) =>
    Array.isArray(value) && value.length === 3 && value[0] === null && line(value[1]) && line(value[2]),
  config: record,
  limits: object({
    timeoutMs: milliseconds,
    resumeMs: milliseconds,
    connectMs: milliseconds,
    idleMs: milliseconds,
  }),
});
const refusal = object({ type: is('refuse'), code: text(/^[A-Z][A-Z0-9_]{0,63}$/), reason: line });

/** Reads a message of a client. @throws ServiceProtocolError */
export const readOfClient = (data: string | ArrayBuffer): ToService => read<ToService>(data, open);
/** Reads a message of a service. @throws ServiceProtocolError */
export const readOfService = (data: string | ArrayBuffer): ToClient =>
  read<ToClient>(data, (value) => session(value) || refusal(value));

function read<T>(data: string | ArrayBuffer, check: Check): T {
  try {
    const value: unknown =
      typeof data === 'string' && data.length <= MAX_MESSAGE ? JSON.parse(data) : undefined;
    if (check(value)) return value as T;
  } catch {
    // Said below, without quoting it.
  }
  throw new ServiceProtocolError('a message that nobody of this release sends');
}

const GUEST = /^model\/([0-9a-f]{16})\/([0-9a-f]{64})$/;

/** The session id of a client's first hello. */
export const guestSessionId = (invite: string, key: string): string => `model/${invite}/${key}`;

/** What such a session id says: the id of the invite, and the key, hexadecimal; undefined for any other. */
export function guestOf(sessionId: string): { readonly invite: string; readonly key: string } | undefined {
  const [, invite, key] = GUEST.exec(sessionId) ?? [];
  return invite && key ? { invite, key } : undefined;
}
