/// <reference path="./bigint-buffer.d.ts" />
/**
 * Single numbers of up to 64 bits as bytes, at the edges: one element, the length of a header. Arrays of words never come
 * here, they are handed to kernels.
 *
 * The conversion is bigint-buffer's, by its pure JavaScript build. Its native build overflows a buffer (CVE-2025-3194,
 * no release without it), and the main entry takes it where it was compiled: so the file is named here, and
 * scripts/bundle.mjs joins it to this package, whose users install neither the package nor its build script. Nothing else
 * may import bigint-buffer.
 */
import { toBigIntBE, toBufferLE } from 'bigint-buffer/dist/browser.js';
import { RingArgumentError } from './errors.js';

const MOST_BYTES = 8;

/**
 * The number that little-endian bytes are.
 * @param bytes 0 to 8 bytes; none are 0
 * @returns the number, from 0 on
 * @throws RingArgumentError for more bytes, or something else
 * @example bigintOfBytes(Uint8Array.of(1, 2)); // 513n
 */
export function bigintOfBytes(bytes: Uint8Array): bigint {
  if (!(bytes instanceof Uint8Array)) throw new RingArgumentError('a number is read from a Uint8Array');
  checkWidth(bytes.length);
  let digits = '';
  for (const byte of bytes) digits = byte.toString(16).padStart(2, '0') + digits;
  return toBigIntBE({ toString: () => digits });
}

/**
 * A number as little-endian bytes. Needs the global Buffer, so it is for Node.js.
 * @param value number from 0 to 2^(8 width) - 1
 * @param width 0 to 8
 * @returns as many bytes as asked for, never fewer digits than the number has
 * @throws RingArgumentError for another width, or a number that does not fit it
 * @example bytesOfBigint(513n, 8); // 1, 2, 0, 0, 0, 0, 0, 0
 */
export function bytesOfBigint(value: bigint, width: number): Uint8Array {
  checkWidth(width);
  if (typeof value !== 'bigint' || BigInt.asUintN(8 * width, value) !== value)
    throw new RingArgumentError(`${value} is not a whole number of ${width} bytes`);
  if (width === 0) return new Uint8Array(0);
  return new Uint8Array(toBufferLE(value, width));
}

/**
 * An element as a number between -2^63 and 2^63.
 * @param words array of words
 * @param index of the element
 * @returns the element, signed
 * @throws RingArgumentError where there is no such element
 * @example signedWord(BigUint64Array.of(2n ** 64n - 1n), 0); // -1n
 */
export function signedWord(words: BigUint64Array, index: number): bigint {
  if (!Number.isInteger(index) || index < 0 || index >= words.length)
    throw new RingArgumentError(`there is no element ${index} among ${words.length}`);
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 8 * index, 8);
  return BigInt.asIntN(64, bigintOfBytes(bytes));
}

function checkWidth(width: number): void {
  if (!Number.isInteger(width) || width < 0 || width > MOST_BYTES)
    throw new RingArgumentError(`a number has 0 to ${MOST_BYTES} bytes here, not ${width}`);
}
