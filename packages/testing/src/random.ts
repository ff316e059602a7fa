/**
 * Random numbers of tests, repeatable: all follow from one seed a run, printed by the runner, and from the title of the
 * test that draws them, so that a test alone gets the numbers that it gets among all others.
 *
 * `TACIT_SEED=… npm test` repeats a run. AES-128 in counter mode, keyed by SHA-256 of seed and title: as good as random
 * where a test looks at distributions. It is for tests only.
 */
import { type Cipher, createCipheriv, createHash } from 'node:crypto';

const REFILL_BYTES = 4096;

/** The seed of this run: of the environment, or a fresh one, which the processes that a test starts inherit. */
export const testSeed: number = seedOf(process.env.TACIT_SEED);

function seedOf(text: string | undefined): number {
  const seed = text ? Number(text) : crypto.getRandomValues(new Int32Array(1))[0];
  if (!Number.isInteger(seed) || seed !== (seed | 0))
    throw new Error(`TACIT_SEED must be a whole number of 32 bits with sign, not ${text}`);
  process.env.TACIT_SEED = String(seed);
  return seed;
}

let stream: Cipher;
let buffered = Buffer.alloc(0);

/**
 * Restarts the stream: the runner does it before each file and test.
 * @param title names the test with its suites, or the file
 */
export function restartRandom(title: string): void {
  const key = createHash('sha256').update(`${testSeed} ${title}`).digest();
  stream = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  buffered = Buffer.alloc(0);
}

restartRandom('');

/**
 * Uniform bytes.
 * @param count how many
 * @returns an array of its own
 */
export function randomBytes(count: number): Uint8Array {
  if (buffered.length < count)
    buffered = Buffer.concat([buffered, stream.update(Buffer.alloc(count + REFILL_BYTES))]);
  const bytes = Uint8Array.from(buffered.subarray(0, count));
  buffered = buffered.subarray(count);
  return bytes;
}

/**
 * Uniform words of Z/2^64.
 * @param count how many words, of 8 bytes
 * @returns an array of its own
 */
export const randomWords = (count: number): BigUint64Array<ArrayBuffer> =>
  new BigUint64Array(randomBytes(8 * count).buffer as ArrayBuffer);

/**
 * A uniform number in two's complement.
 * @param bits 1 to 64
 * @returns from -2^(bits-1) to 2^(bits-1) - 1
 */
export const randomBits = (bits: number): bigint => BigInt.asIntN(bits, randomWords(1)[0]);

/**
 * A whole number, uniform but for a bias below 2^-21.
 * @param below at most 2^32
 * @returns from 0 to `below` - 1
 */
export const randomInteger = (below: number): number =>
  Number(BigInt.asUintN(53, randomWords(1)[0]) % BigInt(below));

/**
 * Makes `crypto.getRandomValues` of this thread part of the stream, so that the masks and keys of members in this thread
 * are repeated, too, as far as they are drawn in the same order. Threads and processes that a test starts keep theirs.
 */
export function seedCrypto(): void {
  const getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    if (array === null) return array;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(randomBytes(bytes.length));
    return array;
  };
  Object.defineProperty(crypto, 'getRandomValues', { value: getRandomValues, configurable: true });
}
