/**
 * What encrypts the messages after a handshake: one key for each direction, and a nonce that counts. Records are sealed
 * and opened in the order of the calls, whatever the order in which the results come.
 */
import { type Aead, aesGcm, portableAead } from './aead.js';

/** One direction of a link. A result is there at once or later, depending on what computes it. */
export interface Records {
  seal(plaintext: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Throws or rejects if the record is not the next one of the other end. */
  open(sealed: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/**
 * Records under a key of a handshake.
 * @param key 32 bytes
 * @param aead computes at once; without it WebCrypto does
 * @returns one direction
 */
export function recordsOf(key: Uint8Array, aead: Aead | undefined): Records {
  return aead === undefined ? webCryptoRecords(key) : recordsBy(aead, key);
}

const NO_AD = new Uint8Array(0);
const { nonce } = aesGcm(portableAead);

function recordsBy(aead: Aead, key: Uint8Array): Records {
  let count = 0;
  return {
    seal: (plaintext) => aead.seal(key, nonce(count++), NO_AD, plaintext),
    open: (sealed) => aead.open(key, nonce(count++), NO_AD, sealed),
  };
}

function webCryptoRecords(key: Uint8Array): Records {
  const imported = crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  // A link that never sends must not leave a rejection that nobody handles.
  imported.catch(() => {});
  let count = 0;
  const run = async (work: 'encrypt' | 'decrypt', bytes: Uint8Array): Promise<Uint8Array> => {
    const algorithm = { name: 'AES-GCM', iv: nonce(count++) };
    // Messages are never in shared memory, which WebCrypto refuses.
    const own = bytes as Uint8Array<ArrayBuffer>;
    return new Uint8Array(await crypto.subtle[work](algorithm, await imported, own));
  };
  return { seal: (plaintext) => run('encrypt', plaintext), open: (sealed) => run('decrypt', sealed) };
}
