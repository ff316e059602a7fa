/**
 * A bounded reader of one protobuf message on top of `@bufbuild/protobuf/wire`.
 *
 * The library's reader checks bounds only in part (a varint may run past the end, a length may point behind it);
 * here every field is checked against the message that holds it, so that a damaged file ends in an error and
 * allocations stay within a small multiple of the file's size.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { OnnxFormatError } from './errors.js';

/** Reads the fields of one message; `where` names it in errors. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #reader: BinaryReader;
  readonly #where: string;
  #field = 0;
  #wire: WireType = WireType.Varint;

  /**
   * @param bytes the message
   * @param where its name in errors
   */
  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#reader = new BinaryReader(bytes);
    this.#where = where;
  }

  /** Moves to the next field and returns its number, or 0 at the end of the message. */
  next(): number {
    if (this.#reader.pos >= this.#reader.len) return 0;
    [this.#field, this.#wire] = this.#guard(() => this.#reader.tag());
    return this.#field;
  }

  /** Where the reader is in the message: after `next()` at the value of the field, after its value at the next field. */
  get position(): number {
    return this.#reader.pos;
  }

  /** How the current field is written. */
  get wire(): WireType {
    return this.#wire;
  }

  /** Passes over the current field. */
  skip(): void {
    this.#guard(() => this.#reader.skip(this.#wire, this.#field));
  }

  /** A nested message or byte field, as a view of the file. */
  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return this.#guard(() => {
      const length = this.#reader.uint32();
      const start = this.#reader.pos;
      if (length > this.#reader.len - start) throw new RangeError('premature end');
      this.#reader.pos = start + length;
      return this.#bytes.subarray(start, start + length);
    });
  }

  /** UTF-8 text. Invalid sequences become U+FFFD: names only have to be told apart. */
  string(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** A 64-bit integer; ±Infinity beyond the safe range. */
  int(): number {
    this.#expect(WireType.Varint);
    return this.#guard(() => this.#int());
  }

  /** A number in single precision. */
  float(): number {
    this.#expect(WireType.Bit32);
    return this.#guard(() => this.#reader.float());
  }

  /**
   * Appends a repeated integer field, packed or not.
   * @param into where to
   * @param unsigned whether its integers have no sign
   */
  ints(into: number[], unsigned = false): void {
    if (this.#wire === WireType.Varint) {
      into.push(this.#guard(() => (unsigned ? this.#unsigned() : this.#int())));
      return;
    }
    this.#packed((reader) => into.push(unsigned ? reader.#unsigned() : reader.#int()));
  }

  /**
   * Appends a repeated float field, packed or not.
   * @param into where to
   */
  floats(into: number[]): void {
    if (this.#wire === WireType.Bit32) into.push(this.float());
    else this.#packed((reader) => into.push(reader.#reader.float()));
  }

  /**
   * Appends a repeated double field, packed or not.
   * @param into where to
   */
  doubles(into: number[]): void {
    if (this.#wire === WireType.Bit64) into.push(this.#guard(() => this.#reader.double()));
    else this.#packed((reader) => into.push(reader.#reader.double()));
  }

  /**
   * An error at this message.
   * @param what what is wrong in it
   * @returns the error, to be thrown
   */
  error(what: string): OnnxFormatError {
    return new OnnxFormatError(`Not a valid ONNX model: ${what} in ${this.#where}.`);
  }

  #packed(read: (reader: MessageReader) => void): void {
    const inner = new MessageReader(this.bytes(), this.#where);
    while (inner.#reader.pos < inner.#reader.len) inner.#guard(() => read(inner));
  }

  #int(): number {
    return safeNumber(BigInt(this.#reader.int64()));
  }

  #unsigned(): number {
    return safeNumber(BigInt(this.#reader.uint64()));
  }

  #expect(wire: WireType): void {
    if (this.#wire !== wire) throw this.error(`field ${this.#field} has the wrong wire type`);
  }

  #guard<T>(read: () => T): T {
    let value: T;
    try {
      value = read();
    } catch (cause) {
      if (cause instanceof OnnxFormatError) throw cause;
      throw new OnnxFormatError(
        `Not a valid ONNX model: cut off or damaged in ${this.#where} (field ${this.#field}).`,
        { cause },
      );
    }
    if (this.#reader.pos > this.#reader.len) throw this.error(`field ${this.#field} runs past the end`);
    return value;
  }
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Infinity;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return -Infinity;
  return Number(value);
}
