/**
 * Links that are authenticated and encrypted end to end by the Noise Protocol Framework, whatever lies between: a plain
 * `ws:`, or a proxy that ends TLS. Members know each other by public keys (KK), by a token (NNpsk2), or both (KKpsk2).
 * With keys a member cannot be impersonated by another one, the dealer least of all; a token alone says only that the
 * other end has it. Either way each connection has fresh keys: a static key or token that leaks later does not open what
 * was recorded before.
 *
 *   dialer   -> hello      as in the token handshake, without a nonce
 *   dialer   -> message 1  ephemeral key
 *   listener -> message 2  ephemeral key; the listener is authenticated
 *   dialer   -> proof      the first encrypted message; the dialer is authenticated, and message 1 was not a replay
 *   listener -> welcome    the first one back
 *
 * The hello is the prologue: if it is changed on the way, the handshake fails.
 * Cost: two round trips; three X25519 products a side with keys, one without.
 */
import { x25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Channel } from '../../channel/channel.js';
import { readMessage } from '../../channel/read-message.js';
import { CommArgumentError, HandshakeError } from '../../errors.js';
import {
  HANDSHAKE_VERSION,
  type Hello,
  type Refusal,
  readJson,
  refuse,
  type SecureLayer,
  sendOpening,
  type Token,
  tokenFor,
} from '../secure-layer.js';
import { aesGcm, KEY_BYTES, portableAead } from './aead.js';
import { HandshakeState, PATTERNS, type PatternName } from './handshake-state.js';
import { NoiseChannel } from './noise-channel.js';
import { type Curve, type Primitives, portableCurve, portableHash } from './primitives.js';
import { recordsOf } from './records.js';

/** A member's own key, and the public keys of the others. */
export interface NoiseKeys {
  /** 32 bytes, of `noiseKeys()`. */
  readonly secretKey: Uint8Array;
  /** The public keys of all members, by rank; this member's is not looked at. */
  readonly publicKeys: readonly Uint8Array[];
}

export interface NoiseOptions {
  readonly keys?: NoiseKeys;
  /** A secret of the session, instead of keys or in addition. */
  readonly token?: Token;
  /**
   * Cipher, curve and hash that answer at once, `nodePrimitives` of `@tacit/comm/websocket`. Without them WebCrypto encrypts.
   */
  readonly primitives?: Primitives | undefined;
}

/**
 * A fresh key pair. The secret key stays where it is made.
 * @param curve computes the public key; by default the one that runs everywhere
 * @returns both keys, 32 bytes each
 */
export function noiseKeys(curve: Curve = portableCurve): {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
} {
  const secretKey = x25519.utils.randomSecretKey();
  return { secretKey, publicKey: curve.publicKey(secretKey) };
}

/**
 * The public key that belongs to a secret one.
 * @param secretKey 32 bytes
 * @returns 32 bytes
 */
export const noisePublicKey = (secretKey: Uint8Array): Uint8Array => x25519.getPublicKey(secretKey);

/**
 * Links that are authenticated and encrypted end to end.
 * @param options keys, a token, or both
 * @returns for the option `secure` of a transport
 * @throws CommArgumentError without keys and token, or on a key that is not 32 bytes long
 * @example const secure = noise({ keys: { secretKey, publicKeys: [alice, bob, dealer] } });
 */
export function noise(options: NoiseOptions): SecureLayer {
  const { keys, token, primitives } = options;
  const curve = primitives ?? portableCurve;
  const hash = primitives ?? portableHash;
  const cipher = aesGcm(primitives ?? portableAead);
  const pattern: PatternName | undefined = keys ? (token ? 'KKpsk2' : 'KK') : token && 'NNpsk2';
  if (pattern === undefined) throw new CommArgumentError('noise needs keys, a token, or both');
  const name = `noise-${pattern}`;
  const handshake = (hello: Hello, initiator: boolean): HandshakeState => {
    const peer = initiator ? hello.to : hello.from;
    return new HandshakeState({
      name: pattern,
      pattern: PATTERNS[pattern],
      initiator,
      cipher,
      curve,
      hash,
      prologue: prologueOf(name, hello),
      secretKey: keys?.secretKey,
      peerKey: keys?.publicKeys[peer],
      psk: token && pskOf(tokenFor(token, peer)),
    });
  };
  const secure = (channel: Channel, state: HandshakeState): NoiseChannel => {
    const { sending, receiving } = state.split();
    return new NoiseChannel(channel, recordsOf(sending, primitives), recordsOf(receiving, primitives));
  };
  const refusal: Refusal = keys ? 'wrong key' : 'wrong token';
  return {
    name,
    check: (peer) => {
      if (token) tokenFor(token, peer);
      if (keys) checkKey(keys.secretKey, 'the secret key');
      if (keys) checkKey(keys.publicKeys[peer], `the public key of rank ${peer}`);
    },
    initiate: async (channel, hello) => {
      sendOpening(channel, { ...hello, layer: name, nonce: '' });
      const state = handshake(hello, true);
      channel.send(copied(state.write(EMPTY)));
      const message = await readBytes(channel);
      attempt(() => state.read(message), refusal);
      const secured = secure(channel, state);
      secured.send(JSON.stringify({ type: 'proof' }));
      await readJson(secured, 'welcome');
      return secured;
    },
    respond: async (channel, opening, claim) => {
      // It may claim a rank that nobody has.
      const state = attempt(() => handshake(opening, false), refusal);
      const message = await readBytes(channel);
      attempt(() => state.read(message), refusal);
      channel.send(copied(state.write(EMPTY)));
      const secured = secure(channel, state);
      await readJson(secured, 'proof').catch((error) => {
        // A dialer that has the wrong secret cannot encrypt: its proof is garbage.
        throw secured.ended?.reason === 'violation'
          ? new HandshakeError(refusal, `refused: ${refusal}`)
          : error;
      });
      if (!claim()) return refuse('duplicate rank');
      secured.send(JSON.stringify({ type: 'welcome' }));
      return secured;
    },
  };
}

const EMPTY = new Uint8Array(0);

const prologueOf = (name: string, { sessionId, from, to, size, resumable }: Hello): Uint8Array =>
  utf8ToBytes(JSON.stringify(['tacit', HANDSHAKE_VERSION, name, sessionId, from, to, size, resumable]));

/** The framework wants 32 bytes; a token may be longer or shorter. */
const pskOf = (token: Uint8Array): Uint8Array => (token.length === KEY_BYTES ? token : sha256(token));

const copied = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function readBytes(channel: Channel): Promise<Uint8Array> {
  const message = await readMessage(channel);
  return typeof message === 'string' ? refuse('malformed') : new Uint8Array(message);
}

function attempt<T>(act: () => T, refusal: Refusal): T {
  try {
    return act();
  } catch {
    throw new HandshakeError(
      refusal,
      `the other side does not have the ${refusal.slice(6)} that it should have`,
    );
  }
}

function checkKey(key: Uint8Array | undefined, what: string): void {
  if (key?.byteLength !== KEY_BYTES)
    throw new CommArgumentError(`${what} has ${KEY_BYTES} bytes, not ${key?.byteLength ?? 'none'}`);
}
