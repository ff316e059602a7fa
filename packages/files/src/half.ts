/** Numbers of 16 bits as floats; exact, every one of them is a float32. */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/**
 * IEEE 754 binary16.
 * @param bits the 16 bits of each number
 * @returns the numbers
 */
export function fromFloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (b) => {
    const sign = b & 0x8000 ? -1 : 1;
    const exponent = (b >> 10) & 31;
    const fraction = b & 1023;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
}

/**
 * bfloat16: the upper half of a float32.
 * @param bits the 16 bits of each number
 * @returns the numbers
 */
export function fromBfloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (b) => {
    scratchBits[0] = b << 16;
    return scratch[0];
  });
}
