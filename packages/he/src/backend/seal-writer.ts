/** Writes objects in SEAL's serialised form; seal-format.ts describes it. */
import { HEADER_BYTES, ID_BYTES, MAGIC, PLAINTEXT_HEADER_BYTES } from './seal-format.js';

/** Bytes of a plaintext with these coefficients (each below the plain modulus), for the native loader. */
export function writePlaintext(coefficients: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(PLAINTEXT_HEADER_BYTES + coefficients.length * 8);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, bytes.length);
  view.setBigUint64(48, BigInt(coefficients.length), true);
  view.setFloat64(56, 1, true);
  writeHeader(view, 64, HEADER_BYTES + 8 + coefficients.length * 8);
  view.setBigUint64(80, BigInt(coefficients.length), true);
  for (const [at, value] of coefficients.entries())
    view.setBigUint64(PLAINTEXT_HEADER_BYTES + at * 8, value, true);
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
