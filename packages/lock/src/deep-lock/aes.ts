/**
 * The parts of AES (FIPS 197) that Deep-Lock is made of, as the standard states them: the reference of what node:crypto
 * computes, and the tables of the S-box.
 */

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2). */
function product(a: number, b: number): number {
  let sum = 0;
  for (let x = a, y = b; y > 0; x = double(x), y >>= 1) if (y & 1) sum ^= x;
  return sum;
}

/** Product with x. */
export const double = (a: number): number => ((a << 1) ^ (a & 0x80 ? 0x11b : 0)) & 0xff;

const rotate = (byte: number, by: number): number => ((byte << by) | (byte >> (8 - by))) & 0xff;

/** The S-box (section 5.1.1): the inverse, then an affine map over bits. */
export const S_BOX: Uint8Array = (() => {
  const table = new Uint8Array(256);
  for (let a = 0; a < 256; a++) {
    let inverse = 0;
    for (let b = 1; a > 0 && inverse === 0; b++) if (product(a, b) === 1) inverse = b;
    const x = inverse;
    table[a] = x ^ rotate(x, 1) ^ rotate(x, 2) ^ rotate(x, 3) ^ rotate(x, 4) ^ 0x63;
  }
  return table;
})();

/** Its inverse (section 5.3.2). */
export const INVERSE_S_BOX: Uint8Array = (() => {
  const table = new Uint8Array(256);
  S_BOX.forEach((image, a) => {
    table[image] = a;
  });
  return table;
})();

/**
 * Key expansion (section 5.2).
 * @param key 16, 24 or 32 bytes
 * @returns the round keys: 16 bytes for each of the 11, 13 or 15
 */
export function expandKey(key: Uint8Array): Uint8Array {
  const nk = key.length / 4;
  const words = 4 * (nk + 7);
  const out = new Uint8Array(4 * words);
  out.set(key);
  let roundConstant = 1;
  for (let i = nk; i < words; i++) {
    let word = out.slice(4 * i - 4, 4 * i);
    if (i % nk === 0) {
      word = Uint8Array.of(word[1], word[2], word[3], word[0]).map((byte) => S_BOX[byte]);
      word[0] ^= roundConstant;
      roundConstant = double(roundConstant);
    } else if (nk > 6 && i % nk === 4) word = word.map((byte) => S_BOX[byte]);
    for (let b = 0; b < 4; b++) out[4 * i + b] = out[4 * (i - nk) + b] ^ word[b];
  }
  return out;
}

/**
 * The cipher (section 5.1).
 * @param block 16 bytes
 * @param roundKeys by `expandKey`
 * @returns the encrypted block
 */
export function encryptBlock(block: Uint8Array, roundKeys: Uint8Array): Uint8Array {
  const rounds = roundKeys.length / 16 - 1;
  let state = block.map((byte, i) => byte ^ roundKeys[i]);
  for (let round = 1; round <= rounds; round++) {
    // SubBytes and ShiftRows: the byte in row r of column c comes from column c + r.
    const shifted = Uint8Array.from(state, (_, i) => S_BOX[state[(i + 4 * (i % 4)) % 16]]);
    const mixed = round === rounds ? shifted : mixColumns(shifted);
    state = mixed.map((byte, i) => byte ^ roundKeys[16 * round + i]);
  }
  return state;
}

const mixColumns = (state: Uint8Array): Uint8Array =>
  Uint8Array.from(state, (a, i) => {
    const column = i & ~3;
    const [b, c, d] = [1, 2, 3].map((by) => state[column + ((i + by) & 3)]);
    return double(a) ^ double(b) ^ b ^ c ^ d;
  });
