/**
 * The serialised form of SEAL 4.1, without compression: where the residues are, and a complete check of everything
 * around them. All integers are little-endian.
 *
 *     header (16)   u16 0xA15E, u8 16, u8 4, u8 1, u8 compression, u16 0, u64 bytes including this header
 *     array         header, u64 count, count words of 64 bits
 *     ciphertext    header, parameters id (32), u8 NTT form, u64 polynomials, u64 N, u64 primes, f64 scale,
 *                   u64 correction factor, array of polynomials x primes x N residues
 *                   seeded: the array holds the first polynomial only, and after it comes
 *     seed          header, u8 kind of generator, 64 bytes: the second polynomial is what they generate
 *     plaintext     header, parameters id, u64 coefficients, f64 scale, array
 *     secret key    a plaintext with the id of the whole modulus and primes x N residues
 *     public key    a ciphertext with the id of the whole modulus
 *     key switching header, parameters id, u64 entries, each: u64 digits (0: no key), so many public keys
 *
 * Relinearisation keys are a key-switching key with one entry, Galois keys one with N entries, of which number
 * (g - 1) / 2 belongs to the automorphism x -> x^g.
 *
 * Why so strict: each exception of the native loader leaks stack that never comes back, so that some hundred refused
 * uploads would bring the process down; and its loader decompresses nested parts of any size.
 */
import { HeFormatError } from '../errors.js';

export type SealKind =
  | 'ciphertext'
  | 'plaintext'
  | 'secret key'
  | 'public key'
  | 'relinearization key'
  | 'Galois keys';

/** What sizes depend on. */
export interface SealShape {
  readonly ringDegree: number;
  /** Primes of the whole modulus, the key-switching prime last (a single prime is both). */
  readonly moduli: readonly bigint[];
}

/** N residues modulo `moduli[modulus]`, as 64-bit words from byte `offset` on. */
export interface ResidueBlock {
  readonly offset: number;
  readonly modulus: number;
}

/** One serialised ciphertext or public key. */
export interface CiphertextLayout {
  /** Byte range of the object, header included. */
  readonly start: number;
  readonly end: number;
  readonly parametersId: Uint8Array;
  readonly nttForm: boolean;
  readonly size: number;
  readonly primeCount: number;
  readonly scale: number;
  readonly seeded: boolean;
  /** First byte of the generator's kind, which its 64 bytes follow. Seeded ones only. */
  readonly seedAt: number;
  readonly blocks: readonly ResidueBlock[];
}

export interface KeyLayout {
  readonly parametersId: Uint8Array;
  /** Entries that hold a key, with the number of the entry. */
  readonly entries: readonly { readonly index: number; readonly digits: readonly CiphertextLayout[] }[];
  readonly entryCount: number;
}

export interface PlaintextLayout {
  readonly parametersId: Uint8Array;
  readonly coefficientCount: number;
  readonly scale: number;
  /** First byte of the words. */
  readonly words: number;
}

export const HEADER_BYTES = 16;
export const CIPHERTEXT_HEADER_BYTES = 113;
export const PLAINTEXT_HEADER_BYTES = 88;
export const SEED_BYTES = 81;
export const ID_BYTES = 32;
export const MAGIC = 0xa15e;
const MAX_CIPHERTEXT_SIZE = 16;
/** SEAL's Blake2xb; it also knows SHAKE-256 (2). */
const GENERATORS: readonly number[] = [1, 2];

/** Data primes; one alone serves for keys, too. */
export function dataPrimeCount({ moduli }: SealShape): number {
  return Math.max(1, moduli.length - 1);
}

/** Bytes of an expanded (or seeded) ciphertext. */
export function ciphertextBytes(shape: SealShape, primeCount: number, size = 2, seeded = false): number {
  const polynomials = seeded ? 1 : size;
  return (
    CIPHERTEXT_HEADER_BYTES + polynomials * primeCount * shape.ringDegree * 8 + (seeded ? SEED_BYTES : 0)
  );
}

/**
 * A ciphertext that fills `bytes` exactly.
 * @param bytes SEAL's, expanded, from anybody
 * @param shape ring degree and primes that they have to be of
 * @returns where its numbers are and what its header says
 */
export function readCiphertext(bytes: Uint8Array, shape: SealShape): CiphertextLayout {
  const reader = new Reader(bytes, 'ciphertext');
  const layout = reader.ciphertext(shape, dataPrimeCount(shape));
  reader.atEnd();
  return layout;
}

/** A public key that fills `bytes` exactly. */
export function readPublicKey(bytes: Uint8Array, shape: SealShape): CiphertextLayout {
  const reader = new Reader(bytes, 'public key');
  const layout = reader.keyDigit(shape);
  reader.atEnd();
  return layout;
}

/** A relinearisation key or Galois keys that fill `bytes` exactly. */
export function readSwitchingKey(
  bytes: Uint8Array,
  shape: SealShape,
  kind: 'relinearization key' | 'Galois keys',
): KeyLayout {
  const reader = new Reader(bytes, kind);
  reader.header(bytes.length, 'the file');
  const parametersId = reader.id();
  const entryCount = reader.count('entries', shape.ringDegree);
  const expected = kind === 'Galois keys' ? shape.ringDegree : 1;
  if (entryCount !== expected) reader.fail(`it has ${entryCount} entries where ${expected} belong`);
  const entries = [];
  for (let index = 0; index < entryCount; index++) {
    const digitCount = reader.count('digits', dataPrimeCount(shape));
    if (digitCount === 0) continue;
    if (digitCount !== dataPrimeCount(shape))
      reader.fail(`entry ${index} has ${digitCount} digits where ${dataPrimeCount(shape)} belong`);
    const digits = Array.from({ length: digitCount }, () => reader.keyDigit(shape));
    entries.push({ index, digits });
  }
  if (entries.length === 0) reader.fail('it holds no key');
  reader.atEnd();
  return { parametersId, entries, entryCount };
}

/** A plaintext that fills `bytes` exactly. */
export function readPlaintext(
  bytes: Uint8Array,
  shape: SealShape,
  kind: 'plaintext' | 'secret key' = 'plaintext',
): PlaintextLayout {
  const reader = new Reader(bytes, kind);
  reader.header(bytes.length, 'the file');
  const parametersId = reader.id();
  const coefficientCount = reader.count('coefficients', shape.ringDegree * shape.moduli.length);
  const scale = reader.f64();
  const words = reader.array(coefficientCount);
  reader.atEnd();
  if (kind === 'secret key' && coefficientCount !== shape.ringDegree * shape.moduli.length)
    reader.fail(`it has ${coefficientCount} residues where ${shape.ringDegree * shape.moduli.length} belong`);
  return { parametersId, coefficientCount, scale, words };
}

/** Reads forward over `bytes`; every read is inside them or throws. */
class Reader {
  private readonly view: DataView;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly kind: SealKind,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(why: string): never {
    throw new HeFormatError(`these ${this.bytes.length} bytes are no ${this.kind} in SEAL's form: ${why}`);
  }

  atEnd(): void {
    if (this.at !== this.bytes.length) this.fail(`${this.bytes.length - this.at} bytes follow after its end`);
  }

  /** Start of the next `length` bytes. */
  private take(length: number): number {
    if (length > this.bytes.length - this.at)
      this.fail(`it is cut off: ${length} bytes should follow byte ${this.at}`);
    const start = this.at;
    this.at += length;
    return start;
  }

  private u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  count(what: string, most: number): number {
    const value = this.u64();
    if (value > BigInt(most)) this.fail(`${value} ${what}, where at most ${most} can be`);
    return Number(value);
  }

  id(): Uint8Array {
    const start = this.take(ID_BYTES);
    return this.bytes.slice(start, start + ID_BYTES);
  }

  /** A header whose size is at most `most`, and exactly that if it is the whole. Returns the size. */
  header(most: number, of: string): number {
    const start = this.take(HEADER_BYTES);
    const { view } = this;
    if (view.getUint16(start, true) !== MAGIC || view.getUint8(start + 2) !== HEADER_BYTES)
      this.fail(`${of} does not begin as it should`);
    if (view.getUint8(start + 3) !== 4 || view.getUint8(start + 4) !== 1)
      this.fail(
        `${of} has version ${view.getUint8(start + 3)}.${view.getUint8(start + 4)}; only 4.1 is read`,
      );
    if (view.getUint8(start + 5) !== 0)
      this.fail(`${of} is compressed; save it with compression mode "none"`);
    if (view.getUint16(start + 6, true) !== 0) this.fail(`${of} has unknown flags`);
    const size = view.getBigUint64(start + 8, true);
    if (of === 'the file' ? size !== BigInt(most) : size > BigInt(most))
      this.fail(`${of} says that it has ${size} bytes, but there are ${most}`);
    return Number(size);
  }

  /** Start of the words of an array with exactly so many. */
  array(count: number): number {
    const size = this.header(this.bytes.length - this.at, 'the array');
    const found = this.u64();
    if (found !== BigInt(count) || size !== HEADER_BYTES + 8 + count * 8)
      this.fail(`its array has ${found} words in ${size} bytes where ${count} words belong`);
    return this.take(count * 8);
  }

  keyDigit(shape: SealShape): CiphertextLayout {
    const layout = this.ciphertext(shape, shape.moduli.length);
    if (layout.primeCount !== shape.moduli.length || layout.size !== 2 || !layout.nttForm)
      this.fail('a part of the key does not belong to the whole modulus');
    // What SEAL gives to all keys; others (0) make its loader throw, and that leaks stack.
    if (layout.scale !== 1) this.fail(`a part of the key has the scale ${layout.scale}, where keys have 1`);
    return layout;
  }

  ciphertext(shape: SealShape, mostPrimes: number): CiphertextLayout {
    const { ringDegree } = shape;
    const start = this.at;
    const bytesOfObject = this.header(this.bytes.length - start, 'a ciphertext');
    const end = start + bytesOfObject;
    const parametersId = this.id();
    const nttForm = this.view.getUint8(this.take(1));
    if (nttForm > 1) this.fail('the mark for NTT form is neither 0 nor 1');
    const size = this.count('polynomials', MAX_CIPHERTEXT_SIZE);
    const degree = this.count('coefficients', 32768);
    const primeCount = this.count('primes', mostPrimes);
    if (size < 2 || primeCount < 1 || degree !== ringDegree)
      this.fail(
        `it has ${size} polynomials of degree ${degree} and ${primeCount} primes, for ring degree ${ringDegree}`,
      );
    const scale = this.f64();
    if (this.u64() !== 1n) this.fail('the correction factor is not 1');
    const seeded = bytesOfObject === ciphertextBytes(shape, primeCount, size, true);
    if (seeded && size !== 2) this.fail('only ciphertexts of two polynomials have a seed');
    if (!seeded && bytesOfObject !== ciphertextBytes(shape, primeCount, size))
      this.fail(`a ciphertext says that it has ${bytesOfObject} bytes, which its dimensions contradict`);
    const polynomials = seeded ? 1 : size;
    const words = this.array(polynomials * primeCount * ringDegree);
    const seedAt = seeded ? this.seed() : end;
    const blocks: ResidueBlock[] = [];
    for (let polynomial = 0; polynomial < polynomials; polynomial++)
      for (let modulus = 0; modulus < primeCount; modulus++)
        blocks.push({ offset: words + (polynomial * primeCount + modulus) * ringDegree * 8, modulus });
    return {
      start,
      end,
      parametersId,
      nttForm: nttForm === 1,
      size,
      primeCount,
      scale,
      seeded,
      seedAt,
      blocks,
    };
  }

  private seed(): number {
    const size = this.header(SEED_BYTES, 'the seed');
    const at = this.take(1);
    const generator = this.view.getUint8(at);
    if (size !== SEED_BYTES || !GENERATORS.includes(generator))
      this.fail('the seed is for a generator that is not known here');
    this.take(SEED_BYTES - HEADER_BYTES - 1);
    return at;
  }
}
