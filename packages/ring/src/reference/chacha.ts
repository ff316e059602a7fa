// ChaCha as RFC 8439, section 2.3, writes it down, for any even number of rounds.

function quarterRound(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  const rotate = (i: number, by: number): void => {
    x[i] = (x[i] << by) | (x[i] >>> (32 - by));
  };
  x[a] += x[b];
  x[d] ^= x[a];
  rotate(d, 16);
  x[c] += x[d];
  x[b] ^= x[c];
  rotate(b, 12);
  x[a] += x[b];
  x[d] ^= x[a];
  rotate(d, 8);
  x[c] += x[d];
  x[b] ^= x[c];
  rotate(b, 7);
}

/**
 * `length` bytes of keystream from block `counter` on.
 * @param length number of bytes
 * @param key 32-byte key as 8 little-endian words
 * @param nonce 12-byte nonce as 3 little-endian words
 * @param counter first block of the keystream
 * @param rounds number of rounds, even
 * @returns the keystream
 */
export function chacha(
  length: number,
  key: Uint32Array,
  nonce: Uint32Array,
  counter: number,
  rounds: number,
): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 64) * 64);
  for (let block = 0; block * 64 < length; block++) {
    const input = Uint32Array.of(
      0x61707865,
      0x3320646e,
      0x79622d32,
      0x6b206574,
      ...key,
      counter + block,
      ...nonce,
    );
    const x = input.slice();
    for (let r = 0; r < rounds; r += 2) {
      for (let i = 0; i < 4; i++) quarterRound(x, i, i + 4, i + 8, i + 12);
      for (let i = 0; i < 4; i++)
        quarterRound(x, i, ((i + 1) % 4) + 4, ((i + 2) % 4) + 8, ((i + 3) % 4) + 12);
    }
    out.set(new Uint8Array(x.map((word, i) => word + input[i]).buffer), block * 64);
  }
  return out.subarray(0, length);
}
