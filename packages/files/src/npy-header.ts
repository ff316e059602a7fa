/**
 * The header of a .npy file: magic, version, and a Python dictionary with exactly the keys descr, fortran_order and
 * shape. Read by a small grammar, never by evaluating it. Everything else is an NpyFormatError.
 */
import { NpyFormatError } from './errors.js';

export interface NpyHeader {
  /** Byte order and element type, e.g. '<f4'. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin in the file. */
  readonly dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** No array of numbers has a header near this; numpy itself refuses headers above 10,000 bytes by default. */
const MAX_HEADER_BYTES = 65_536;
const MAX_AXES = 64;

export function parseHeader(file: Uint8Array): NpyHeader {
  if (MAGIC.some((byte, i) => file[i] !== byte))
    throw new NpyFormatError('this is not a .npy file: it does not begin with \\x93NUMPY');
  const [major, minor] = [file[6], file[7]];
  if (major === undefined || minor === undefined)
    throw new NpyFormatError('the file is cut off in its header');
  if (major < 1 || major > 3 || minor !== 0)
    throw new NpyFormatError(`.npy version ${major}.${minor} is not known; 1.0, 2.0 and 3.0 are`);
  const lengthBytes = major === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  if (file.byteLength < start) throw new NpyFormatError('the file is cut off in its header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw new NpyFormatError(`the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are accepted`);
  if (file.byteLength < start + length) throw new NpyFormatError('the file is cut off in its header');
  const text = decode(file.subarray(start, start + length), major);
  return { ...new HeaderReader(text).read(), dataOffset: start + length };
}

function decode(bytes: Uint8Array, major: number): string {
  try {
    return new TextDecoder(major === 3 ? 'utf-8' : 'latin1', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new NpyFormatError('the header is not text', { cause });
  }
}

/** The grammar: { 'key': value, ... } with strings, True, False and tuples of whole numbers. */
class HeaderReader {
  #at = 0;

  constructor(readonly text: string) {}

  read(): Omit<NpyHeader, 'dataOffset'> {
    const found = new Map<string, string | boolean | readonly number[]>();
    this.#expect(/\{/y, 'a dictionary');
    while (this.#take(/\}/y) === undefined) {
      const key = this.#string();
      if (!['descr', 'fortran_order', 'shape'].includes(key))
        throw new NpyFormatError(`the header has an unknown key '${key}'`);
      if (found.has(key)) throw new NpyFormatError(`the header has the key '${key}' twice`);
      this.#expect(/:/y, 'a colon');
      found.set(key, key === 'descr' ? this.#descr() : key === 'shape' ? this.#tuple() : this.#bool());
      if (this.#take(/,/y) === undefined) {
        this.#expect(/\}/y, 'the end of the dictionary');
        break;
      }
    }
    this.#expect(/$/y, 'nothing after the dictionary');
    const descr = found.get('descr');
    const fortranOrder = found.get('fortran_order');
    const shape = found.get('shape');
    if (typeof descr !== 'string' || typeof fortranOrder !== 'boolean' || !Array.isArray(shape))
      throw new NpyFormatError('the header lacks descr, fortran_order or shape');
    return { descr, fortranOrder, shape };
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #expect(pattern: RegExp, what: string): RegExpExecArray {
    const match = this.#take(pattern);
    if (match === undefined)
      throw new NpyFormatError(`the header is malformed at character ${this.#at}: expected ${what}`);
    return match;
  }

  #string(): string {
    const match = this.#expect(/'([^'\\\n]*)'|"([^"\\\n]*)"/y, 'a string');
    return match[1] ?? match[2] ?? '';
  }

  #descr(): string {
    if (this.#take(/\[/y) !== undefined) throw new NpyFormatError('the file holds records, not numbers');
    return this.#string();
  }

  #bool(): boolean {
    return this.#expect(/(True|False)\b/y, 'True or False')[1] === 'True';
  }

  #tuple(): readonly number[] {
    this.#expect(/\(/y, 'a tuple');
    const sizes: number[] = [];
    while (this.#take(/\)/y) === undefined) {
      const size = Number(this.#expect(/(\d{1,16})L?/y, 'a size')[1]);
      if (!Number.isSafeInteger(size)) throw new NpyFormatError(`the shape has a size of ${size}`);
      if (sizes.push(size) > MAX_AXES) throw new NpyFormatError(`the shape has more than ${MAX_AXES} axes`);
      if (this.#take(/,/y) !== undefined) continue;
      this.#expect(/\)/y, 'the end of the shape');
      if (sizes.length === 1) throw new NpyFormatError('the shape is a number, not a tuple');
      break;
    }
    return sizes;
  }
}
