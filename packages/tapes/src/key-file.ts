/**
 * The key of a tape as a file, one for each member: the header, and the member's secrets, sealed to it. The file is
 * removed before the tape is used, and with it goes the only way to the seed.
 *
 *     'tacit tape key 1\n'   magic
 *     u32                    bytes of the header, big-endian
 *     header                 canonical JSON
 *     32 bytes               encapsulated key of HPKE
 *     48 or 80 bytes         sealed: the seed (32) and, at the last party, the key of its records (32); tag (16)
 */
import { TapeError } from '@tacit/mpc';
import { MAX_HEADER, parseHeader, type TapeHeader, tapeId } from './header.js';
import { ENCAPSULATED, TAG } from './seal.js';

export const SEED_BYTES = 32;
export const RECORD_KEY_BYTES = 32;

const MAGIC = new TextEncoder().encode('tacit tape key 1\n');
const START = MAGIC.length + 4;

/** No key file is longer. */
export const MAX_KEY_FILE = START + MAX_HEADER + ENCAPSULATED + SEED_BYTES + RECORD_KEY_BYTES + TAG;

/** What a key file holds. */
export interface KeyFile {
  readonly id: string;
  readonly header: TapeHeader;
  /** The bytes of the header. */
  readonly encoded: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * The bytes of a key file.
 * @param encoded bytes of the header
 * @param sealed secrets of the member
 * @returns the whole file
 */
export function encodeKeyFile(encoded: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(START + encoded.length + sealed.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, encoded.length);
  bytes.set(encoded, START);
  bytes.set(sealed, START + encoded.length);
  return bytes;
}

/**
 * Reads a key file.
 * @param file all of it
 * @returns what it holds, still sealed
 * @throws TapeError TAPE_FORMAT where it is not one
 */
export function parseKeyFile(file: Uint8Array): KeyFile {
  const bytes = Uint8Array.from(file); // no Buffer, whose slices are views
  const fail = (what: string): never => {
    throw new TapeError('TAPE_FORMAT', `not the key of a tape: ${what}`);
  };
  if (bytes.length < START || bytes.length > MAX_KEY_FILE) return fail('its length');
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return fail('it does not begin like one');
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(MAGIC.length);
  const sealedBytes = bytes.length - START - length;
  const short = ENCAPSULATED + SEED_BYTES + TAG;
  if (length > MAX_HEADER || (sealedBytes !== short && sealedBytes !== short + RECORD_KEY_BYTES))
    return fail('it is cut off');
  const encoded = bytes.slice(START, START + length);
  const header = parseHeader(encoded);
  return { id: tapeId(encoded), header, encoded, sealed: bytes.slice(START + length) };
}
