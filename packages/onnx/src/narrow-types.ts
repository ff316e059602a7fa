/**
 * Element types of 8 bits and fewer that no processor computes with: floating point of 4 and 8 bits, integers of 2 and 4.
 * Elements of fewer than 8 bits are packed, the first one in the lowest bits of a byte.
 */

interface NarrowType {
  /** Bits of an element. */
  readonly bits: number;
  /** The number that a pattern of these bits stands for. */
  read(pattern: number): number;
}

const unsigned = (bits: number): NarrowType => ({ bits, read: (pattern) => pattern });
const signed = (bits: number): NarrowType => ({
  bits,
  read: (pattern) => (pattern >= 2 ** (bits - 1) ? pattern - 2 ** bits : pattern),
});

/** A sign, an exponent and a fraction; `special` has the patterns that are no such number. */
function floating(
  exponentBits: number,
  fractionBits: number,
  bias: number,
  special: (pattern: number) => number | undefined,
): NarrowType {
  const bits = 1 + exponentBits + fractionBits;
  const read = (pattern: number): number => {
    const known = special(pattern);
    if (known !== undefined) return known;
    const sign = pattern >= 2 ** (bits - 1) ? -1 : 1;
    const exponent = (pattern >> fractionBits) & (2 ** exponentBits - 1);
    const fraction = (pattern & (2 ** fractionBits - 1)) / 2 ** fractionBits;
    return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
  };
  return { bits, read };
}

/** The only pattern that is no number, in the types without a negative zero. */
const negativeZero = (pattern: number) => (pattern === 0x80 ? Number.NaN : undefined);

const NARROW: Readonly<Record<string, NarrowType>> = {
  float8e4m3fn: floating(4, 3, 7, (pattern) => ((pattern & 0x7f) === 0x7f ? Number.NaN : undefined)),
  float8e4m3fnuz: floating(4, 3, 8, negativeZero),
  float8e5m2: floating(5, 2, 15, (pattern) => {
    if ((pattern & 0x7c) !== 0x7c) return undefined;
    if ((pattern & 3) !== 0) return Number.NaN;
    return pattern < 0x80 ? Infinity : -Infinity;
  }),
  float8e5m2fnuz: floating(5, 2, 16, negativeZero),
  float4e2m1: floating(2, 1, 1, () => undefined),
  float8e8m0: { bits: 8, read: (pattern) => (pattern === 255 ? Number.NaN : 2 ** (pattern - 127)) },
  uint2: unsigned(2),
  uint4: unsigned(4),
  int2: signed(2),
  int4: signed(4),
};

/**
 * Whether an element type is one of these.
 * @param type its name
 * @returns true if `readNarrow` reads it
 */
export const isNarrow = (type: string): boolean => Object.hasOwn(NARROW, type);

/**
 * Elements from bytes. What is left of the last byte is padding.
 * @param type name of the element type
 * @param bytes the bytes, as numbers from 0 to 255
 * @param size how many elements there are; fewer, or more bytes than they take, are noticed by the caller
 * @returns as many numbers as there are, at most a byte's more than `size`
 */
export function readNarrow(type: string, bytes: ArrayLike<number>, size: number): Float64Array {
  const { bits, read } = NARROW[type] as NarrowType;
  const perByte = Math.floor(8 / bits);
  const whole = bytes.length === Math.ceil(size / perByte);
  return Float64Array.from({ length: whole ? size : bytes.length * perByte }, (_, i) => {
    const byte = (bytes[Math.floor(i / perByte)] ?? 0) & 0xff;
    return read((byte >> ((i % perByte) * bits)) & (2 ** bits - 1));
  });
}
