// Reading SEAL's serialised objects. Nothing is believed: every length is checked before it is used.
import { bytesToHex } from '@noble/hashes/utils.js';
import { RlweFormatError } from '../errors.js';
import { ID_BYTES } from './parameters-id.js';

export const HEADER_BYTES = 16;
export const MAGIC = 0xa15e;
export const VERSION_MAJOR = 4;
export const VERSION_MINOR = 1;

export class SealReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;
  #end: number;

  /** what: names the object in errors. */
  constructor(bytes: Uint8Array, what: string) {
    if (!(bytes instanceof Uint8Array)) throw new RlweFormatError(`${what}: not a Uint8Array`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#end = bytes.length;
  }

  fail(message: string): RlweFormatError {
    return new RlweFormatError(`${this.#what}: ${message} (byte ${this.#at} of ${this.#bytes.length})`);
  }

  /** Reads a header and whatever `body` reads, which must be all that the header announces. */
  object<T>(body: () => T): T {
    const start = this.#at;
    this.#need(HEADER_BYTES);
    const view = this.#view;
    if (view.getUint16(start, true) !== MAGIC || view.getUint8(start + 2) !== HEADER_BYTES)
      throw this.fail('this is not an object that SEAL has written');
    if (view.getUint8(start + 3) !== VERSION_MAJOR)
      throw this.fail(`written by SEAL ${view.getUint8(start + 3)}, only version ${VERSION_MAJOR} is read`);
    if (view.getUint8(start + 5) !== 0)
      throw this.fail('it is compressed; load it with SEAL and save it with compression mode none');
    this.#at = start + 8;
    const total = this.count();
    const outer = this.#end;
    if (total < HEADER_BYTES || start + total > outer)
      throw this.fail(`an object of ${total} bytes where ${outer - start} are left`);
    this.#end = start + total;
    const result = body();
    if (this.#at !== this.#end) throw this.fail(`${this.#end - this.#at} bytes too many`);
    this.#end = outer;
    return result;
  }

  /** Throws unless everything was read. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw this.fail('bytes after the end of the object');
  }

  byte(): number {
    this.#need(1);
    return this.#bytes[this.#at++];
  }

  /** A 64-bit count; it must be below 2^53. */
  count(): number {
    this.#need(8);
    const low = this.#view.getUint32(this.#at, true);
    const high = this.#view.getUint32(this.#at + 4, true);
    if (high >= 2 ** 21) throw this.fail('a count above 2^53');
    this.#at += 8;
    return high * 2 ** 32 + low;
  }

  double(): number {
    this.#need(8);
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** Identifier of a parameter set, in hexadecimal. */
  id(): string {
    return bytesToHex(this.take(ID_BYTES));
  }

  /** The next bytes, not copied. */
  take(bytes: number): Uint8Array {
    this.#need(bytes);
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw this.fail(`it ends early: ${bytes} bytes more are needed`);
  }
}
