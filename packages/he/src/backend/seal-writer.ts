/** Writes objects in SEAL's serialised form; seal-format.ts describes it. */
import {
  CIPHERTEXT_HEADER_BYTES,
  ciphertextBytes,
  HEADER_BYTES,
  ID_BYTES,
  MAGIC,
  PLAINTEXT_HEADER_BYTES,
  SEED_BYTES,
  type SealShape,
} from './seal-format.js';

/** Bytes of a plaintext with these coefficients (each below the plain modulus), for the native loader. */
export function writePlaintext(coefficients: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(PLAINTEXT_HEADER_BYTES + coefficients.length * 8);
  writePlaintextFrame(bytes, new Uint8Array(ID_BYTES), coefficients.length, 1);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of coefficients.entries())
    if (value !== 0n) view.setBigUint64(PLAINTEXT_HEADER_BYTES + at * 8, value, true);
  return bytes;
}

/** Writes SEAL's header at `offset`. */
export function writeHeader(view: DataView, offset: number, size: number): void {
  view.setUint16(offset, MAGIC, true);
  view.setUint8(offset + 2, HEADER_BYTES);
  view.setUint8(offset + 3, 4);
  view.setUint8(offset + 4, 1);
  view.setUint8(offset + 5, 0);
  view.setUint16(offset + 6, 0, true);
  view.setBigUint64(offset + 8, BigInt(size), true);
}

/** Writes a plaintext (or secret key) without its words. */
export function writePlaintextFrame(
  bytes: Uint8Array,
  parametersId: Uint8Array,
  words: number,
  scale: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  writeHeader(view, 0, bytes.length);
  bytes.set(parametersId, HEADER_BYTES);
  view.setBigUint64(48, BigInt(words), true);
  view.setFloat64(56, scale, true);
  writeHeader(view, 64, HEADER_BYTES + 8 + words * 8);
  view.setBigUint64(80, BigInt(words), true);
}

/** Everything of a serialised ciphertext but its residues. */
export interface CiphertextFrame {
  readonly parametersId: Uint8Array;
  readonly nttForm: boolean;
  readonly size: number;
  readonly primeCount: number;
  readonly scale: number;
  /** Kind of the generator and its 64 bytes, if the second polynomial is a seed. */
  readonly seed: Uint8Array | undefined;
}

/** Writes a ciphertext without its residues from `at` on; returns the first byte of the residues. */
export function writeCiphertextFrame(
  bytes: Uint8Array,
  at: number,
  shape: SealShape,
  { parametersId, nttForm, size, primeCount, scale, seed }: CiphertextFrame,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const total = ciphertextBytes(shape, primeCount, size, seed !== undefined);
  const words = (seed === undefined ? size : 1) * primeCount * shape.ringDegree;
  writeHeader(view, at, total);
  bytes.set(parametersId, at + 16);
  view.setUint8(at + 48, nttForm ? 1 : 0);
  view.setBigUint64(at + 49, BigInt(size), true);
  view.setBigUint64(at + 57, BigInt(shape.ringDegree), true);
  view.setBigUint64(at + 65, BigInt(primeCount), true);
  view.setFloat64(at + 73, scale, true);
  view.setBigUint64(at + 81, 1n, true);
  writeHeader(view, at + 89, HEADER_BYTES + 8 + words * 8);
  view.setBigUint64(at + 105, BigInt(words), true);
  if (seed !== undefined) {
    writeHeader(view, at + total - SEED_BYTES, SEED_BYTES);
    bytes.set(seed, at + total - SEED_BYTES + HEADER_BYTES);
  }
  return at + CIPHERTEXT_HEADER_BYTES;
}

/** Bytes of a key-switching key of `entryCount` entries, of which those in `entries` hold serialised digits. */
export function writeSwitchingKey(
  parametersId: Uint8Array,
  entryCount: number,
  entries: ReadonlyMap<number, readonly Uint8Array[]>,
): Uint8Array {
  let size = HEADER_BYTES + ID_BYTES + 8 + entryCount * 8;
  for (const digits of entries.values()) for (const digit of digits) size += digit.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, size);
  bytes.set(parametersId, HEADER_BYTES);
  view.setBigUint64(HEADER_BYTES + ID_BYTES, BigInt(entryCount), true);
  let at = HEADER_BYTES + ID_BYTES + 8;
  for (let index = 0; index < entryCount; index++) {
    const digits = entries.get(index) ?? [];
    view.setUint32(at, digits.length, true);
    at += 8;
    for (const digit of digits) {
      bytes.set(digit, at);
      at += digit.length;
    }
  }
  return bytes;
}
