/**
 * Mutual authentication of two members over a fresh connection, by a token that they share.
 *
 *   dialer   -> hello      version, layer, session id, both ranks, size, nonce A
 *   listener -> challenge  nonce B
 *   dialer   -> proof      HMAC-SHA256(token, "dialer",   all of the above)
 *   listener -> welcome    HMAC-SHA256(token, "listener", all of the above)
 *
 * The token itself never travels. The dialer proves itself first, so that an unauthenticated peer that dials gets no
 * code of ours to test guesses on; an attacker who listens at a member's address does, which is why a token must be random.
 * Either proof names its direction, ranks and both nonces, so none can be reflected or replayed.
 * It proves who is at the other end; secrecy and integrity afterwards are the task of TLS (`wss:`).
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
  readJson,
  refuse,
  type SecureLayer,
  sendOpening,
  type Token,
  tokenFor,
} from './secure-layer.js';

const NONCE_BYTES = 32;

/**
 * The layer of members that share tokens. It leaves the channel as it is: nothing is encrypted.
 * @param token one for all members, or one for each pair
 * @returns for the option `secure` of a transport, which makes it of the option `token` by itself
 */
export function tokenHandshake(token: Token): SecureLayer {
  return {
    ...tokenDialer(token),
    respond: (channel, opening, claim) => respond(token, channel, opening, claim),
  };
}

/** Its dialing half. */
export function tokenDialer(token: Token): DialingLayer {
  return {
    name: 'token',
    check: (peer) => void tokenFor(token, peer),
    initiate: async (channel, hello) => {
      const secret = tokenFor(token, hello.to);
      const nonceA = freshNonce();
      sendOpening(channel, { ...hello, layer: 'token', nonce: nonceA });
      const { nonce: nonceB } = await readJson(channel, 'challenge');
      if (!isNonce(nonceB)) throw new HandshakeError('malformed', 'the listener sent a malformed challenge');
      channel.send(JSON.stringify({ type: 'proof', mac: prove(secret, 'dialer', hello, nonceA, nonceB) }));
      const { mac } = await readJson(channel, 'welcome');
      if (typeof mac !== 'string' || !equal(mac, prove(secret, 'listener', hello, nonceA, nonceB)))
        throw new HandshakeError('wrong token', 'the listener does not know the session token');
      return channel;
    },
  };
}

async function respond(
  token: Token,
  channel: Channel,
  opening: Opening,
  claim: () => boolean,
): Promise<Channel> {
  const secret = tokenFor(token, opening.from);
  const nonceA = opening.nonce;
  if (!isNonce(nonceA)) return refuse('malformed');
  const nonceB = freshNonce();
  channel.send(JSON.stringify({ type: 'challenge', nonce: nonceB }));
  const { mac } = await readJson(channel, 'proof');
  if (typeof mac !== 'string' || !equal(mac, prove(secret, 'dialer', opening, nonceA, nonceB)))
    return refuse('wrong token');
  if (!claim()) return refuse('duplicate rank');
  channel.send(JSON.stringify({ type: 'welcome', mac: prove(secret, 'listener', opening, nonceA, nonceB) }));
  return channel;
}

function prove(
  token: Uint8Array,
  role: 'dialer' | 'listener',
  { sessionId, from, to, size, resumable }: Hello,
  nonceA: string,
  nonceB: string,
): string {
  const said = ['tacit', HANDSHAKE_VERSION, role, sessionId, from, to, size, resumable, nonceA, nonceB];
  return bytesToHex(hmac(sha256, token, utf8ToBytes(JSON.stringify(said))));
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
