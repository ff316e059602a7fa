// Fixed point through exact integer arithmetic: a double is an integer times a power of two.

/**
 * value * 2^fractionBits, rounded to nearest, ties to even, as an exact integer.
 * @param value finite number
 * @param fractionBits number of fraction bits
 * @returns the integer, not reduced modulo 2^64
 */
export function encodeExactly(value: number, fractionBits: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const shift = Math.max(exponent, 1) - 1075 + fractionBits;
  const magnitude = shift >= 0 ? mantissa << BigInt(shift) : roundedShift(mantissa, -shift);
  return value < 0 ? -magnitude : magnitude;
}

function roundedShift(x: bigint, by: number): bigint {
  const floor = x >> BigInt(by);
  const rest = x - (floor << BigInt(by));
  const half = 1n << BigInt(by - 1);
  return rest > half || (rest === half && (floor & 1n) === 1n) ? floor + 1n : floor;
}

/**
 * The double nearest to word / 2^fractionBits.
 * @param word word of Z/2^64
 * @param fractionBits number of fraction bits
 * @returns the number that it stands for
 */
export function decode(word: bigint, fractionBits: number): number {
  return Number(BigInt.asIntN(64, word)) / 2 ** fractionBits;
}
