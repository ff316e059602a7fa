/** The floating point formats of ONNX that Deep-Lock quantises, from and to their bits. */

interface Format {
  readonly bytes: number;
  /** The largest finite number. */
  readonly largest: number;
  /** The distance between the smallest numbers. */
  readonly step: number;
  read(view: DataView, at: number): number;
  write(view: DataView, at: number, value: number): void;
}

/** Rounded to so many bits of fraction, ties to even, with no exponent below that of `step`. */
function rounded(value: number, fractionBits: number, step: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const unit = Math.max(2 ** (exponent - fractionBits), step);
  const quotient = value / unit;
  const low = Math.floor(quotient);
  const rest = quotient - low;
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0);
  return (up ? low + 1 : low) * unit;
}

function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function writeHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (value === 0) return sign;
  const size = Math.abs(rounded(value, 10, 2 ** -24));
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | (size * 2 ** (10 - exponent) - 1024);
}

const FORMATS: Readonly<Record<string, Format>> = {
  float: {
    bytes: 4,
    largest: (2 - 2 ** -23) * 2 ** 127,
    step: 2 ** -149,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, value, true),
  },
  double: {
    bytes: 8,
    largest: Number.MAX_VALUE,
    step: Number.MIN_VALUE,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, value, true),
  },
  float16: {
    bytes: 2,
    largest: 65504,
    step: 2 ** -24,
    read: (view, at) => readHalf(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, writeHalf(value), true),
  },
  bfloat16: {
    bytes: 2,
    largest: (2 - 2 ** -7) * 2 ** 127,
    step: 2 ** -133,
    read: (view, at) => {
      const word = new DataView(new ArrayBuffer(4));
      word.setUint16(2, view.getUint16(at, true), true);
      return word.getFloat32(0, true);
    },
    write: (view, at, value) => {
      const word = new DataView(new ArrayBuffer(4));
      word.setFloat32(0, value === 0 ? value : rounded(value, 7, 2 ** -133), true);
      view.setUint16(at, word.getUint16(2, true), true);
    },
  },
};

/**
 * The format of an element type.
 * @param type its name
 * @returns undefined where it is none of floating point, or of 8 bits and fewer
 */
export const formatOf = (type: string): Format | undefined =>
  Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;

/**
 * The numbers of a tensor.
 * @param bytes its elements
 * @param format of them
 * @returns doubles
 */
export function numbersIn(bytes: Uint8Array, format: Format): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.length / format.bytes }, (_, i) =>
    format.read(view, i * format.bytes),
  );
}
