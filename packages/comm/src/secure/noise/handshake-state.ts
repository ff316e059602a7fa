/**
 * The handshake of the Noise Protocol Framework, revision 34 (https://noiseprotocol.org/noise.html), sections 5.2 and
 * 5.3, for X25519 and SHA-256, a cipher, and the patterns that links use. The primitives are @noble's; the published
 * vectors of cacophony are the test.
 */
import { x25519 } from '@noble/curves/ed25519.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Cipher, KEY_BYTES, TAG_BYTES } from './aead.js';
import { CipherState } from './cipher-state.js';
import type { Curve, Hash } from './primitives.js';

type MessageToken = 'e' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

export interface Pattern {
  /** Whether both static keys are known beforehand (the K's of KK). */
  readonly statics: boolean;
  readonly psk: boolean;
  /** The first is the initiator's, the second the responder's. */
  readonly messages: readonly (readonly MessageToken[])[];
}

export const PATTERNS = {
  /** Both know each other's public key. */
  KK: {
    statics: true,
    psk: false,
    messages: [
      ['e', 'es', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  /** The same, and both have a secret of the session. */
  KKpsk2: {
    statics: true,
    psk: true,
    messages: [
      ['e', 'es', 'ss'],
      ['e', 'ee', 'se', 'psk'],
    ],
  },
  /** Both have a secret of the session and nothing else. */
  NNpsk2: { statics: false, psk: true, messages: [['e'], ['e', 'ee', 'psk']] },
} as const satisfies Record<string, Pattern>;
export type PatternName = keyof typeof PATTERNS;

export interface HandshakeOptions {
  /** Its name in the framework. */
  readonly name: string;
  readonly pattern: Pattern;
  readonly initiator: boolean;
  /** What both ends must agree on besides. */
  readonly prologue: Uint8Array;
  readonly cipher: Cipher;
  readonly curve: Curve;
  readonly hash: Hash;
  /** This end's static secret key and the other end's public one. */
  readonly secretKey?: Uint8Array;
  readonly peerKey?: Uint8Array;
  readonly psk?: Uint8Array;
  /** For the test vectors; otherwise fresh. */
  readonly ephemeral?: Uint8Array;
}

/** The keys of both directions after a handshake. */
export interface TransportKeys {
  readonly sending: Uint8Array;
  readonly receiving: Uint8Array;
  /** Names this handshake: equal at both ends, and different for any other. */
  readonly hash: Uint8Array;
}

export class HandshakeState {
  readonly #options: HandshakeOptions;
  readonly #pattern: Pattern;
  readonly #cipher: CipherState;
  #keyed = false;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #ephemeral: Uint8Array | undefined;
  #peerEphemeral: Uint8Array | undefined;
  #turn = 0;

  constructor(options: HandshakeOptions) {
    const { pattern, prologue, initiator, secretKey, peerKey, cipher, curve } = options;
    this.#options = options;
    this.#pattern = pattern;
    this.#cipher = new CipherState(cipher);
    const name = utf8ToBytes(`Noise_${options.name}_25519_${cipher.name}_SHA256`);
    this.#hash =
      name.length <= 32 ? concatBytes(name, new Uint8Array(32 - name.length)) : options.hash.sha256(name);
    this.#chainingKey = this.#hash;
    this.#mixHash(prologue);
    if (!this.#pattern.statics) return;
    const own = curve.publicKey(required(secretKey, 'static key'));
    const peer = required(peerKey, "other end's static key");
    for (const key of initiator ? [own, peer] : [peer, own]) this.#mixHash(key);
  }

  /** The next message of this end. */
  write(payload: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const token of this.#next()) {
      if (token === 'e') {
        this.#ephemeral = this.#options.ephemeral ?? x25519.utils.randomSecretKey();
        const own = this.#options.curve.publicKey(this.#ephemeral);
        parts.push(own);
        this.#mixEphemeral(own);
      } else this.#mix(token);
    }
    const sealed = this.#cipher.seal(payload, this.#hash);
    this.#mixHash(sealed);
    return concatBytes(...parts, sealed);
  }

  /** The payload of the next message of the other end. Throws if that does not have the keys that it should have. */
  read(message: Uint8Array): Uint8Array {
    let at = 0;
    for (const token of this.#next()) {
      if (token === 'e') {
        if (message.length < KEY_BYTES) throw new Error('a handshake message is cut off');
        at = KEY_BYTES;
        this.#peerEphemeral = message.slice(0, at);
        this.#mixEphemeral(this.#peerEphemeral);
      } else this.#mix(token);
    }
    const sealed = message.subarray(at);
    if (this.#keyed && sealed.length < TAG_BYTES) throw new Error('a handshake message is cut off');
    const payload = this.#cipher.open(sealed, this.#hash);
    this.#mixHash(sealed);
    return payload;
  }

  /** After the last message. */
  split(): TransportKeys {
    if (this.#turn !== this.#pattern.messages.length) throw new Error('the handshake is not complete');
    const [first, second] = this.#derive(new Uint8Array(0), 2);
    const [sending, receiving] = this.#options.initiator ? [first, second] : [second, first];
    return { sending, receiving, hash: this.#hash };
  }

  #next(): readonly MessageToken[] {
    return required(this.#pattern.messages[this.#turn++], 'message');
  }

  /** In patterns with a shared secret ephemeral keys count twice (section 9.2). */
  #mixEphemeral(key: Uint8Array): void {
    this.#mixHash(key);
    if (this.#pattern.psk) this.#mixKey(key);
  }

  #mix(token: Exclude<MessageToken, 'e'>): void {
    const { initiator, secretKey, peerKey, psk, curve } = this.#options;
    if (token === 'psk') {
      const [chainingKey, mixed, key] = this.#derive(required(psk, 'shared secret'), 3);
      this.#chainingKey = chainingKey;
      this.#mixHash(mixed);
      this.#setKey(key);
      return;
    }
    // The first letter is the initiator's key, the second the responder's.
    const [mine, theirs] = initiator ? [token[0], token[1]] : [token[1], token[0]];
    const secret = required(mine === 'e' ? this.#ephemeral : secretKey, 'key');
    const peer = required(theirs === 'e' ? this.#peerEphemeral : peerKey, "other end's key");
    // Refuses points of small order.
    this.#mixKey(curve.sharedSecret(secret, peer));
  }

  #mixKey(material: Uint8Array): void {
    const [chainingKey, key] = this.#derive(material, 2);
    this.#chainingKey = chainingKey;
    this.#setKey(key);
  }

  #setKey(key: Uint8Array): void {
    this.#cipher.setKey(key);
    this.#keyed = true;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = this.#options.hash.sha256(concatBytes(this.#hash, data));
  }

  /** HKDF of section 4.3, which is RFC 5869 with the chaining key as salt and without info. */
  #derive(material: Uint8Array, count: 2 | 3): [Uint8Array, Uint8Array, Uint8Array] {
    const bytes = this.#options.hash.hkdf(material, this.#chainingKey, 32 * count);
    return [bytes.slice(0, 32), bytes.slice(32, 64), bytes.slice(64, 96)];
  }
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a handshake lacks a ${what}`);
  return value;
}
