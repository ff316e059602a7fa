/**
 * What a relay and its guests say to each other before anything is forwarded; JSON, as text:
 *
 *   relay    -> challenge   a nonce
 *   guest    -> proof       its certificate, the relay's name as it dialed it, and a signature (`proof.ts`)
 *   relay    -> registered  to a listener, which hears from then on
 *   relay    -> visitor       somebody wants to talk to it; it opens `/accept/<id>`, or
 *   listener -> decline       does not want to
 *   relay    -> paired      to both ends of a pair, last: what follows is the other end's
 *
 * A refusal is a close code of `refusals.ts`.
 */
import { isFingerprint } from './identity.js';

export const RELAY_VERSION = 1;
/** Certificates are small on P-256; with names and extensions they stay below this. */
export const MAX_GREETING_BYTES = 6144;

export interface Proof {
  readonly certificate: Buffer;
  readonly relay: string;
  readonly signature: Buffer;
}

/** What a listener hears about a visitor. */
export interface Visitor {
  readonly id: string;
  /** The fingerprint that the visitor proved to the relay. Believe the handshake inside the connection, not this. */
  readonly from: string;
}

/** What a member hears from a relay. */
export type RelayMessage =
  | { readonly type: 'challenge'; readonly version: unknown; readonly nonce: string }
  | { readonly type: 'registered' }
  | ({ readonly type: 'visitor' } & Visitor)
  | { readonly type: 'paired'; readonly maxMessageBytes: number };

const NONCE = /^[\w-]{43}$/;
const VISITOR_ID = /^[\w-]{24}$/;
const RELAY_NAME = /^[\x21-\x7e]{1,300}$/;
const BASE64URL = /^[\w-]+$/;

/** Whether a text has the form of a visitor's id. */
export const isVisitorId = (text: unknown): text is string =>
  typeof text === 'string' && VISITOR_ID.test(text);

/** An object from text; undefined if it is none. */
function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a proof: undefined if it is none, or `other version`. */
export function parseProof(text: string): Proof | 'other version' | undefined {
  const message = objectOf(text);
  if (message?.type !== 'proof') return undefined;
  if (message.version !== RELAY_VERSION) return 'other version';
  const { certificate, relay, signature } = message;
  if (typeof relay !== 'string' || !RELAY_NAME.test(relay)) return undefined;
  if (!isBase64(certificate) || !isBase64(signature)) return undefined;
  return {
    certificate: Buffer.from(certificate, 'base64url'),
    relay,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Reads what a listener may say: the id of a visitor that it declines; undefined for anything else. */
export function parseDecline(text: string): string | undefined {
  const message = objectOf(text);
  return message?.type === 'decline' && isVisitorId(message.id) ? message.id : undefined;
}

/** Reads what a relay says; undefined if no relay says that. */
export function parseRelayMessage(text: string): RelayMessage | undefined {
  const message = objectOf(text);
  if (message === undefined) return undefined;
  const { type, version, nonce, id, from, maxMessageBytes } = message;
  if (type === 'challenge' && typeof nonce === 'string' && NONCE.test(nonce)) return { type, version, nonce };
  if (type === 'registered') return { type };
  if (type === 'visitor' && isVisitorId(id) && isFingerprint(from)) return { type, id, from };
  if (type === 'paired' && typeof maxMessageBytes === 'number' && maxMessageBytes > 0)
    return { type, maxMessageBytes };
  return undefined;
}

const isBase64 = (text: unknown): text is string => typeof text === 'string' && BASE64URL.test(text);
