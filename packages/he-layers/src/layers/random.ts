/** Random numbers for masks: from the platform's cryptographic generator. */

/** getRandomValues gives at most this many bytes at once. */
const MAX_REQUEST = 65536;

export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += MAX_REQUEST)
    globalThis.crypto.getRandomValues(bytes.subarray(at, Math.min(count, at + MAX_REQUEST)));
  return bytes;
}

/** `count` numbers, uniform below `bound` (at most 2^63): drawn again where modular reduction would favour some. */
export function randomBelow(bound: bigint, count: number): BigInt64Array {
  const mask = (1n << BigInt(bound.toString(2).length)) - 1n;
  const results = new BigInt64Array(count);
  let filled = 0;
  while (filled < count) {
    const words = new BigUint64Array(randomBytes(8 * (count - filled)).buffer);
    for (const word of words) {
      const candidate = word & mask;
      if (candidate < bound) results[filled++] = candidate;
    }
  }
  return results;
}

/**
 * `count` numbers uniform below 2^bits, as 16-bit limbs: limb k of number i at [k * count + i], lowest first. The
 * highest limb is cut to the bits that are left.
 */
export function randomLimbs(bits: number, count: number): Uint16Array {
  const limbs = Math.ceil(bits / 16);
  const values = new Uint16Array(randomBytes(2 * limbs * count).buffer);
  const top = bits - 16 * (limbs - 1);
  const last = (limbs - 1) * count;
  for (let i = 0; i < count; i++) values[last + i] &= 2 ** top - 1;
  return values;
}

/** Those numbers modulo a prime below 2^36: numbers below 2^53 all the way. */
export function reduceLimbs(limbs: Uint16Array, count: number, prime: number): Float64Array {
  const residues = new Float64Array(count);
  for (let first = limbs.length - count; first >= 0; first -= count)
    for (let i = 0; i < count; i++) {
      const value = residues[i] * 65536 + limbs[first + i];
      // Much faster than %, and exact: the quotient may be one too large, or one too small.
      const rest = value - Math.floor(value / prime) * prime;
      residues[i] = rest < 0 ? rest + prime : rest >= prime ? rest - prime : rest;
    }
  return residues;
}

/** Those numbers modulo any prime below 2^60. */
export function reduceLimbsBig(limbs: Uint16Array, count: number, prime: bigint): BigUint64Array {
  const residues = new BigUint64Array(count);
  for (let i = 0; i < count; i++) {
    let value = 0n;
    for (let at = limbs.length - count + i; at >= 0; at -= count) value = (value << 16n) | BigInt(limbs[at]);
    residues[i] = value % prime;
  }
  return residues;
}
