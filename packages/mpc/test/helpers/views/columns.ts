/** Messages as columns: of each element some bits, at most 4 together, so that columns can be counted by pairs. */
import { BLOCK, planeFieldWords, planeWords } from '../../../src/runtime/layout.js';

/** What a message consists of. */
export type Format =
  /** Numbers of so many bits, one after the other. */
  | { readonly kind: 'numbers'; readonly bits: number; readonly n: number }
  /** Planes of bits of n elements, block by block. */
  | { readonly kind: 'planes'; readonly planes: number; readonly n: number };

/** The same bits of each element. */
export interface Column {
  /** 1 to 4 */
  readonly bits: number;
  /** Of each element. */
  readonly symbols: Uint8Array;
}

export const DIGIT = 4;

/** Bytes of a message of that form. */
export const bytesOf = (format: Format): number =>
  format.kind === 'numbers'
    ? Math.ceil((format.n * format.bits) / 8)
    : planeFieldWords(format.planes, format.n) * 8;

/** Columns of a message, and the bits that fill it up. @throws RangeError where it has another length than its format */
export function columnsOf(payload: Uint8Array, format: Format): { columns: Column[]; rest: Uint8Array } {
  if (payload.length !== bytesOf(format))
    throw new RangeError(`${payload.length} bytes are not ${JSON.stringify(format)}`);
  return format.kind === 'numbers' ? digits(payload, format.bits, format.n) : planes(payload, format);
}

/** Digits to the base 16 of numbers that are packed without gaps, the lowest first. */
function digits(payload: Uint8Array, bits: number, n: number): { columns: Column[]; rest: Uint8Array } {
  const columns: Column[] = [];
  for (let low = 0; low < bits; low += DIGIT) {
    const width = Math.min(DIGIT, bits - low);
    const symbols = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      const at = i * bits + low;
      const pair = payload[at >> 3] | ((payload[(at >> 3) + 1] ?? 0) << 8);
      symbols[i] = (pair >> (at & 7)) & ((1 << width) - 1);
    }
    columns.push({ bits: width, symbols });
  }
  const used = n * bits;
  return { columns, rest: bitsOf(payload, used, payload.length * 8 - used) };
}

/** A column a plane. */
function planes(
  payload: Uint8Array,
  { planes: count, n }: Extract<Format, { kind: 'planes' }>,
): { columns: Column[]; rest: Uint8Array } {
  const columns = Array.from({ length: count }, () => ({ bits: 1, symbols: new Uint8Array(n) }));
  const rests: Uint8Array[] = [];
  let offset = 0;
  for (let start = 0; start < n; start += BLOCK) {
    const length = Math.min(BLOCK, n - start);
    const bytes = planeWords(length) * 8;
    for (const { symbols } of columns) {
      symbols.set(bitsOf(payload, offset * 8, length), start);
      rests.push(bitsOf(payload, offset * 8 + length, bytes * 8 - length));
      offset += bytes;
    }
  }
  return { columns, rest: joined(rests) };
}

function bitsOf(bytes: Uint8Array, from: number, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = (bytes[(from + i) >> 3] >> ((from + i) & 7)) & 1;
  return bits;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Columns of the sums of numbers, modulo 2 to their width. */
export function added(a: readonly Column[], b: readonly Column[]): Column[] {
  const carry = new Uint8Array(a[0]?.symbols.length ?? 0);
  return a.map(({ bits, symbols }, k) => {
    const other = b[k].symbols;
    const sums = new Uint8Array(symbols.length);
    for (let i = 0; i < symbols.length; i++) {
      const sum = symbols[i] + other[i] + carry[i];
      sums[i] = sum & ((1 << bits) - 1);
      carry[i] = sum >> bits;
    }
    return { bits, symbols: sums };
  });
}

/** Columns of the sums without carries. */
export const xored = (a: readonly Column[], b: readonly Column[]): Column[] =>
  a.map(({ bits, symbols }, k) => {
    const other = b[k].symbols;
    const sums = new Uint8Array(symbols.length);
    for (let i = 0; i < sums.length; i++) sums[i] = symbols[i] ^ other[i];
    return { bits, symbols: sums };
  });
