/** Numbers of 16 bits in floating point (IEEE 754 binary16) from and to their bits. */

/**
 * The number that bits stand for, exactly.
 * @param bits of a binary16
 * @returns the number
 */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * The bits of the binary16 that is nearest to a number, ties to even. It is rounded once: through float32 there would be two
 * roundings.
 * @param value any number
 * @returns its bits
 */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65504 is the greatest; 65520 lies half way to what would be the next, and rounds up to infinity.
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // log2 may be one too many just below a power of two.
  const e = size < 2 ** exponent ? exponent - 1 : size >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  // A fraction that rounds up to 2048 carries into the exponent, which is what it should do.
  return sign | (((e + 14) << 10) + roundToEven(size * 2 ** (10 - e)));
}

/** To the nearest integer, ties to even; exact for numbers below 2^52. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
