/**
 * Residues modulo a prime of b bits, b bits each, lowest bit first, in 32-bit words. SEAL stores them as 64-bit words,
 * whose high bits are always zero.
 */

/**
 * @param source 64-bit words as pairs of halves, low half first, each below 2^bits
 * @param target filled from word `at` on; words x bits must be a multiple of 32
 */
export function packResidues(source: Uint32Array, bits: number, target: Uint32Array, at: number): void {
  let pending = 0;
  let filled = 0;
  let next = at;
  const highBits = bits - 32;
  for (let i = 0; i < source.length; i += 2) {
    let word = source[i];
    let width = bits;
    if (highBits > 0) {
      target[next++] = pending | (word << filled);
      pending = filled === 0 ? 0 : word >>> (32 - filled);
      word = source[i + 1];
      width = highBits;
    }
    pending |= word << filled;
    filled += width;
    if (filled >= 32) {
      target[next++] = pending;
      filled -= 32;
      const used = width - filled;
      pending = used === 32 ? 0 : word >>> used;
    }
  }
}

/** The inverse: fills `target` with 64-bit words from the packed words from `at` on. */
export function unpackResidues(source: Uint32Array, at: number, bits: number, target: Uint32Array): void {
  let offset = 0;
  let next = at;
  const highBits = bits - 32;
  const width = highBits > 0 ? highBits : bits;
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  for (let i = 0; i < target.length; i += 2) {
    if (highBits > 0) {
      target[i] =
        offset === 0 ? source[next] : (source[next] >>> offset) | (source[next + 1] << (32 - offset));
      next++;
    }
    let word = source[next] >>> offset;
    const end = offset + width;
    if (end > 32) word |= source[next + 1] << (32 - offset);
    if (end >= 32) next++;
    offset = end & 31;
    target[highBits > 0 ? i + 1 : i] = word & mask;
    if (highBits <= 0) target[i + 1] = 0;
  }
}
