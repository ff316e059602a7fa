/**
 * Mutual authentication of two members over a fresh connection, by a token that they share.
 *
 *   dialer   -> hello      version, layer, session id, both ranks, size, nonce A, whether it can bind
 *   listener -> challenge  nonce B, whether it can bind
 *   dialer   -> proof      HMAC-SHA256(token, "dialer",   all of the above, what binds)
 *   listener -> welcome    HMAC-SHA256(token, "listener", all of the above, what binds)
 *
 * The token itself never travels. The dialer proves itself first, so that an unauthenticated peer that dials gets no
 * code of ours to test guesses on; an attacker who listens at a member's address does, which is why a token must be random.
 * Either proof names its direction, ranks and both nonces, so none can be reflected or replayed.
 *
 * What binds is a secret that the two ends of one TLS 1.3 connection derive from it (`exportKey`). Somebody in the middle
 * who ends TLS has a different one with each side and cannot pass proofs on. Both ends say whether they are ends of TLS,
 * in messages that the MACs cover, so nobody without the token can talk them out of it. Where one end is not (a
 * browser, a hub behind a proxy that ends TLS), they do without, unless TLS has shown certificates at both ends
 * (`binding`): then the other end must be the other end of that very connection.
 *
 * It proves who is at the other end; secrecy and integrity afterwards are the task of TLS.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Channel } from '../channel/channel.js';
import { HandshakeError } from '../errors.js';
import {
  type DialingLayer,
  HANDSHAKE_VERSION,
  type Hello,
  type Opening,
  type Refusal,
  readJson,
  refuse,
  type SecureLayer,
  sendOpening,
  type Token,
  tokenFor,
} from './secure-layer.js';

const NAME = 'token';
const NONCE_BYTES = 32;
const EXPORTER = 'EXPORTER-tacit-session';
const BINDING_BYTES = 32;
const EMPTY = new Uint8Array(0);

/**
 * The layer of members that share tokens. It leaves the channel as it is: nothing is encrypted.
 * @param token one for all members, or one for each pair
 * @returns for the option `secure` of a transport, which makes it of the option `token` by itself
 */
export function tokenHandshake(token: Token): SecureLayer {
  return {
    ...tokenDialer(token),
    respond: (channel, opening, claim) => respondWithToken(NAME, token, channel, opening, claim),
  };
}

/** Its dialing half. */
export function tokenDialer(token: Token): DialingLayer {
  return {
    name: NAME,
    check: (peer) => void tokenFor(token, peer),
    initiate: (channel, hello) => initiateWithToken(NAME, token, channel, hello),
  };
}

/** The dialer's half of the handshake for the layer of that name. */
export async function initiateWithToken(
  layer: string,
  token: Token,
  channel: Channel,
  hello: Hello,
): Promise<Channel> {
  const secret = tokenFor(token, hello.to);
  const nonceA = freshNonce();
  const bound = channel.exportKey !== undefined;
  sendOpening(channel, { ...hello, layer, nonce: nonceA, bound });
  const { nonce: nonceB, bound: answered } = await readJson(channel, 'challenge');
  const theirs = answered === true;
  if (!isNonce(nonceB)) throw new HandshakeError('malformed', 'the listener sent a malformed challenge');
  if (channel.binding !== undefined && !theirs)
    throw new HandshakeError('wrong key', 'the listener is not the other end of the TLS connection');
  const said = { hello, layer, nonces: [nonceA, nonceB], bound: [bound, theirs], channel } as const;
  channel.send(JSON.stringify({ type: 'proof', mac: prove(secret, 'dialer', said) }));
  const { mac } = await readJson(channel, 'welcome');
  if (typeof mac !== 'string' || !equal(mac, prove(secret, 'listener', said)))
    throw new HandshakeError('wrong token', 'the listener does not know the session token');
  return channel;
}

/**
 * The listener's half for the layer of that name.
 * @param refusal why the dialer is refused whatever it proves; it hears so no earlier than if its proof were wrong
 */
export async function respondWithToken(
  layer: string,
  token: Token,
  channel: Channel,
  opening: Opening,
  claim: () => boolean,
  refusal: () => Refusal | undefined = () => undefined,
): Promise<Channel> {
  const secret = secretOf(token, opening.from);
  const nonceA = opening.nonce;
  if (!isNonce(nonceA)) return refuse('malformed');
  const nonceB = freshNonce();
  const bound = channel.exportKey !== undefined;
  const theirs = opening.bound === true;
  channel.send(JSON.stringify({ type: 'challenge', nonce: nonceB, bound }));
  const { mac } = await readJson(channel, 'proof');
  const why = refusal() ?? (channel.binding !== undefined && !theirs ? 'wrong key' : undefined);
  if (why !== undefined) return refuse(why);
  const said = {
    hello: opening,
    layer,
    nonces: [nonceA, nonceB],
    bound: [theirs, bound],
    channel,
  } as const;
  if (typeof mac !== 'string' || !equal(mac, prove(secret, 'dialer', said))) return refuse('wrong token');
  if (!claim()) return refuse('duplicate rank');
  channel.send(JSON.stringify({ type: 'welcome', mac: prove(secret, 'listener', said) }));
  return channel;
}

/** The token for a rank that somebody claims, which need not be one of the session. */
function secretOf(token: Token, rank: number): Uint8Array {
  try {
    return tokenFor(token, rank);
  } catch {
    return refuse('wrong token');
  }
}

/** What both proofs are about. */
interface Said {
  readonly hello: Hello;
  readonly layer: string;
  readonly nonces: readonly [string, string];
  /** Whether the dialer, and whether the listener, is an end of TLS. */
  readonly bound: readonly [boolean, boolean];
  readonly channel: Channel;
}

function prove(token: Uint8Array, role: 'dialer' | 'listener', { hello, ...said }: Said): string {
  const { sessionId, from, to, size, resumable } = hello;
  const both = said.bound[0] && said.bound[1];
  const binds = both ? (said.channel.exportKey?.(EXPORTER, BINDING_BYTES) ?? EMPTY) : EMPTY;
  const text = ['tacit', HANDSHAKE_VERSION, role, said.layer, sessionId, from, to, size, resumable].concat(
    said.nonces,
    said.bound,
    bytesToHex(binds),
  );
  return bytesToHex(hmac(sha256, token, utf8ToBytes(JSON.stringify(text))));
}

function freshNonce(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

const isNonce = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 2 * NONCE_BYTES && /^[0-9a-f]*$/.test(value);

/** Compares in a time that depends on the lengths only. */
function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a.charCodeAt(i) | 0) ^ b.charCodeAt(i);
  return difference === 0;
}
