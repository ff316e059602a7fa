/**
 * The body of a tape: its table and corrections in records of 1 MiB, each encrypted and authenticated by AES-256-GCM
 * under the tape's own key, as the STREAM construction does (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is the
 * number of the record and whether it is the last, the id of the tape is additional data. Records cannot be changed,
 * exchanged, moved, repeated or left out, nor belong to another header.
 *
 *     'tacit tape 1\n'   magic
 *     32 bytes           id of the tape
 *     records            1 MiB and a tag of 16 bytes each; the last one is shorter, and there is always one
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { TapeError } from '@tacit/mpc';
import { TAG } from './seal.js';

/** Bytes of a whole record before it is encrypted. */
export const RECORD = 2 ** 20;

const MAGIC = new TextEncoder().encode('tacit tape 1\n');
const ID = 32;
/** Where records begin. */
export const HEAD = MAGIC.length + ID;

const CIPHER = 'aes-256-gcm';

/** How many records `bytes` take. */
const recordsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / RECORD));

/**
 * How long the file of a tape is.
 * @param bytes of its table and corrections
 * @returns bytes of the file
 */
export const fileBytes = (bytes: number): number => HEAD + bytes + recordsOf(bytes) * TAG;

/** What a tape's file begins with. */
export function encodeHead(id: string): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(HEAD);
  head.set(MAGIC);
  head.set(Buffer.from(id, 'hex'), MAGIC.length);
  return head;
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Encrypts a tape, record by record. */
export class RecordWriter {
  readonly #key: Uint8Array;
  readonly #id: Buffer;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #buffer = Buffer.alloc(RECORD);
  #filled = 0;
  #number = 0;

  /**
   * @param key of the tape
   * @param id of the tape
   * @param write takes what goes into the file, in order
   */
  constructor(key: Uint8Array, id: string, write: (bytes: Uint8Array) => Promise<void>) {
    this.#key = key;
    this.#id = Buffer.from(id, 'hex');
    this.#write = write;
  }

  /** Adds bytes; keeps at most one record. */
  async add(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      // A full record leaves when more comes: then it is not the last.
      if (this.#filled === RECORD) await this.#flush(false);
      const length = Math.min(RECORD - this.#filled, bytes.length - at);
      this.#buffer.set(bytes.subarray(at, at + length), this.#filled);
      this.#filled += length;
      at += length;
    }
  }

  /** Writes the last record. */
  async end(): Promise<void> {
    await this.#flush(true);
    this.#buffer.fill(0);
  }

  async #flush(last: boolean): Promise<void> {
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(this.#number++, last), { authTagLength: TAG });
    cipher.setAAD(this.#id);
    const sealed = cipher.update(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
    await this.#write(Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()]));
  }
}

/** What a tape is read from: the part of a FileHandle that is used. */
export interface TapeBytes {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Records that are decrypted ahead of use. */
const AHEAD = 4;
/** Records that are kept: operations that overlap in time read in turns. */
const KEPT = 12;

/** Decrypts a tape: any part of it, soonest what follows the last read. */
export class RecordReader {
  readonly #file: TapeBytes;
  readonly #key: Uint8Array;
  readonly #id: Buffer;
  /** Used last: at the end. */
  readonly #kept = new Map<number, Promise<Buffer>>();
  #closing: Promise<void> | undefined;

  /**
   * @param file of the tape
   * @param key of the tape
   * @param id of the tape
   * @param bytes of table and corrections
   */
  constructor(
    file: TapeBytes,
    key: Uint8Array,
    id: string,
    readonly bytes: number,
  ) {
    this.#file = file;
    this.#key = key;
    this.#id = Buffer.from(id, 'hex');
  }

  /** Records that are in memory, decrypted or on their way. */
  get kept(): number {
    return this.#kept.size;
  }

  /** Checks what the file begins with. @throws TapeError TAPE_FORMAT where that is not the tape's */
  async checkHead(): Promise<void> {
    const wanted = encodeHead(this.#id.toString('hex'));
    const head = await this.#readFile(0, HEAD);
    if (head.length !== HEAD || !head.equals(wanted))
      throw new TapeError('TAPE_FORMAT', 'the file of corrections is not that of this tape');
  }

  /**
   * Fills `into` with what was written from byte `offset` on.
   * @throws TapeError TAPE_DAMAGED where a record is not as it was written; `into` has nothing of it then
   */
  async read(offset: number, into: Uint8Array): Promise<void> {
    if (offset < 0 || offset + into.length > this.bytes)
      throw new TapeError('TAPE_FORMAT', 'a tape was read beyond its end');
    for (let at = 0; at < into.length; ) {
      const position = offset + at;
      const number = Math.floor(position / RECORD);
      const record = await this.#record(number);
      const from = position - number * RECORD;
      const part = record.subarray(from, Math.min(record.length, from + into.length - at));
      into.set(part, at);
      at += part.length;
    }
  }

  /** Decrypts all records. @throws as `read` */
  async verify(): Promise<void> {
    for (let number = 0; number < recordsOf(this.bytes); number++) await this.#record(number);
  }

  /** Forgets what is decrypted, and closes the file. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const kept of this.#kept.values()) (await kept.catch(() => undefined))?.fill(0);
      this.#kept.clear();
      await this.#file.close();
    })();
    return this.#closing;
  }

  async #record(number: number): Promise<Buffer> {
    const wanted = this.#keep(number);
    for (let next = number + 1; next <= number + AHEAD && next < recordsOf(this.bytes); next++)
      this.#keep(next);
    return wanted;
  }

  #keep(number: number): Promise<Buffer> {
    const known = this.#kept.get(number);
    if (known) {
      this.#kept.delete(number);
      this.#kept.set(number, known);
      return known;
    }
    const record = this.#decrypt(number);
    record.catch(() => {}); // whoever needs it hears of it
    this.#kept.set(number, record);
    if (this.#kept.size > KEPT)
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    return record;
  }

  async #decrypt(number: number): Promise<Buffer> {
    if (this.#closing) throw new TapeError('TAPE_FORMAT', 'a tape was read after its session');
    const last = number === recordsOf(this.bytes) - 1;
    const length = last ? this.bytes - number * RECORD : RECORD;
    const sealed = await this.#readFile(HEAD + number * (RECORD + TAG), length + TAG);
    try {
      // A tag that is cut off must not count as a shorter tag.
      if (sealed.length !== length + TAG) throw new RangeError('it is cut off');
      const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(number, last), { authTagLength: TAG });
      decipher.setAAD(this.#id);
      decipher.setAuthTag(sealed.subarray(length, length + TAG));
      const record = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return record;
    } catch (cause) {
      throw new TapeError('TAPE_DAMAGED', `record ${number} of the tape is not as the dealer wrote it`, {
        cause,
      });
    }
  }

  async #readFile(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}
