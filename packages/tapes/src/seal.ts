/**
 * The secrets of a tape on their way from the dealer to one member: HPKE (RFC 9180) in its authenticated mode,
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, by @hpke/core. The member's key opens it, and only the dealer's
 * could have sealed it (or whoever has the member's own secret key: RFC 9180, 9.1.1). The header of the tape and the
 * member's rank are its additional data.
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { TapeError } from '@tacit/mpc';

/** A key pair of tapes. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Of all tapes of this version. */
export const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Bytes of an encapsulated key. */
export const ENCAPSULATED = 32;
/** What sealing adds to the secrets besides. */
export const TAG = 16;

const info = new TextEncoder().encode('tacit/v1/tape');

function associated(header: Uint8Array, rank: number): ArrayBuffer {
  const bytes = new Uint8Array(header.length + 1);
  bytes.set(header);
  bytes[header.length] = rank;
  return bytes.buffer;
}

/**
 * Seals secrets to a member.
 * @param secrets what the member gets
 * @param header of the tape, and `rank` of the member: what the secrets are bound to
 * @param rank of the member
 * @param to public key of the member
 * @param from key pair of the dealer
 * @returns encapsulated key and ciphertext
 */
export async function seal(
  secrets: Uint8Array<ArrayBuffer>,
  header: Uint8Array,
  rank: number,
  to: Uint8Array<ArrayBuffer>,
  from: KeyPair,
): Promise<Uint8Array<ArrayBuffer>> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(to.slice().buffer);
  const senderKey = { privateKey: from.privateKey, publicKey: from.publicKey };
  const sender = await suite.createSenderContext({ recipientPublicKey, senderKey, info });
  const sealed = await sender.seal(secrets.slice().buffer, associated(header, rank));
  return new Uint8Array(Buffer.concat([new Uint8Array(sender.enc), new Uint8Array(sealed)]));
}

/**
 * Opens what was sealed.
 * @param sealed as of `seal`
 * @param header of the tape, as of `seal`
 * @param rank of the member
 * @param own key pair of the member
 * @param from public key of the dealer
 * @returns the secrets
 * @throws TapeError TAPE_KEY where it was sealed to another key, by another dealer, or changed
 */
export async function open(
  sealed: Uint8Array,
  header: Uint8Array,
  rank: number,
  own: KeyPair,
  from: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const senderPublicKey = await suite.kem.deserializePublicKey(from.slice().buffer);
    const enc = Uint8Array.from(sealed.subarray(0, ENCAPSULATED)).buffer;
    const recipient = await suite.createRecipientContext({
      recipientKey: own.privateKey,
      enc,
      senderPublicKey,
      info,
    });
    const text = Uint8Array.from(sealed.subarray(ENCAPSULATED)).buffer;
    return new Uint8Array(await recipient.open(text, associated(header, rank)));
  } catch (cause) {
    throw new TapeError(
      'TAPE_KEY',
      'the secrets of a tape do not open: they were sealed to another key, by another dealer, or changed on their way',
      { cause },
    );
  }
}
