/** From the packed form back to SEAL's bytes. Sizes are known to be right before anything is allocated. */
import { bitLength } from '../backend/primes.js';
import { checkResidues, halfWords } from '../backend/residues.js';
import {
  ciphertextBytes,
  dataPrimeCount,
  PLAINTEXT_HEADER_BYTES,
  type SealShape,
} from '../backend/seal-format.js';
import {
  type CiphertextFrame,
  writeCiphertextFrame,
  writePlaintextFrame,
  writeSwitchingKey,
} from '../backend/seal-writer.js';
import { unpackResidues } from './bits.js';
import {
  blockBytes,
  CIPHERTEXT_HEAD_BYTES,
  checkPrefix,
  ciphertextRecordBytes,
  ENTRY_HEAD_BYTES,
  NTT_FLAG,
  type PackedKind,
  PREFIX_BYTES,
  packedError,
  polynomialBytes,
  SECRET_KEY_HEAD_BYTES,
  SEED_BYTES,
  SEEDED_FLAG,
  SWITCHING_HEAD_BYTES,
} from './records.js';

type SwitchingKind = 'relinearization key' | 'Galois keys';

/**
 * The exact inverse of `packSeal`. About 3 ns a residue; allocates what the object needs, at most 64 / (bits of the
 * smallest prime) times the packed bytes, and for Galois keys 8 N bytes more.
 *
 * @throws HeFormatError unless these are the complete bytes of one packed object of this kind and shape
 */
export function unpackSeal(packed: Uint8Array, kind: PackedKind, shape: SealShape): Uint8Array {
  checkPrefix(packed, kind);
  switch (kind) {
    case 'ciphertext':
    case 'public key':
      return new Unpacker(packed, kind, shape).alone();
    case 'secret key':
      return new Unpacker(packed, kind, shape).secretKey();
    default: {
      const unpacker = new Unpacker(packed, kind, shape);
      const entries = unpacker.entries(kind);
      const digits = new Map(entries.map(({ index, at }) => [index, unpacker.digits(at)]));
      return writeSwitchingKey(unpacker.switchingId(), entryCount(kind, shape), digits);
    }
  }
}

/**
 * Packed Galois keys one after the other, each as Galois keys in SEAL's form with this one key: needs the memory of one
 * at a time. Everything but the residues is checked before the first one comes.
 */
export function* unpackGaloisKeys(packed: Uint8Array, shape: SealShape): Generator<Uint8Array, void, void> {
  const kind = 'Galois keys';
  checkPrefix(packed, kind);
  const unpacker = new Unpacker(packed, kind, shape);
  for (const { index, at } of unpacker.entries(kind)) {
    const key = new Map([[index, unpacker.digits(at)]]);
    yield writeSwitchingKey(unpacker.switchingId(), entryCount(kind, shape), key);
  }
}

function entryCount(kind: SwitchingKind, { ringDegree }: SealShape): number {
  return kind === 'Galois keys' ? ringDegree : 1;
}

class Unpacker {
  private readonly view: DataView;
  private readonly words: Uint32Array;
  private readonly scratch: Uint32Array<ArrayBuffer>;

  constructor(
    private readonly packed: Uint8Array,
    private readonly kind: PackedKind,
    private readonly shape: SealShape,
  ) {
    if (packed.length % 4 !== 0) this.fail('its length is not a multiple of 4');
    this.view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
    this.words = halfWords(packed, 0, packed.length);
    this.scratch = new Uint32Array(shape.ringDegree * 2);
  }

  private fail(why: string): never {
    throw packedError(this.packed, this.kind, why);
  }

  private bytes(at: number, length: number): Uint8Array {
    if (at + length > this.packed.length) this.fail('it is cut off');
    return this.packed.subarray(at, at + length);
  }

  private checkEnd(at: number): void {
    if (at > this.packed.length) this.fail('it is cut off');
    if (at < this.packed.length) this.fail(`${this.packed.length - at} bytes follow after its end`);
  }

  alone(): Uint8Array {
    this.checkEnd(this.endOf(PREFIX_BYTES));
    return this.ciphertext(PREFIX_BYTES);
  }

  secretKey(): Uint8Array {
    const { moduli, ringDegree } = this.shape;
    const start = PREFIX_BYTES + SECRET_KEY_HEAD_BYTES;
    this.checkEnd(start + polynomialBytes(this.shape, moduli.length));
    const bytes = new Uint8Array(PLAINTEXT_HEADER_BYTES + moduli.length * ringDegree * 8);
    const id = this.bytes(PREFIX_BYTES + 8, 32);
    writePlaintextFrame(bytes, id, moduli.length * ringDegree, this.view.getFloat64(PREFIX_BYTES, true));
    this.residues(start, 1, moduli.length, bytes, PLAINTEXT_HEADER_BYTES);
    return bytes;
  }

  switchingId(): Uint8Array {
    return this.bytes(PREFIX_BYTES, 32);
  }

  /** Where the entries are. Walks over all of the object without unpacking it. */
  entries(kind: SwitchingKind): { readonly index: number; readonly at: number }[] {
    this.bytes(PREFIX_BYTES, SWITCHING_HEAD_BYTES);
    const most = entryCount(kind, this.shape);
    const count = this.view.getUint32(PREFIX_BYTES + 32, true);
    if (count < 1 || count > most) this.fail(`it has ${count} keys, where 1 to ${most} can be`);
    const entries: { index: number; at: number }[] = [];
    let at = PREFIX_BYTES + SWITCHING_HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      this.bytes(at, ENTRY_HEAD_BYTES);
      const index = this.view.getUint32(at, true);
      if (index >= most || index <= (entries.at(-1)?.index ?? -1))
        this.fail(`its keys are not in order (${index})`);
      at += ENTRY_HEAD_BYTES;
      entries.push({ index, at });
      for (let digit = 0; digit < dataPrimeCount(this.shape); digit++) at = this.endOf(at);
    }
    this.checkEnd(at);
    return entries;
  }

  digits(start: number): Uint8Array[] {
    let at = start;
    return Array.from({ length: dataPrimeCount(this.shape) }, () => {
      const digit = this.ciphertext(at);
      at = this.endOf(at);
      return digit;
    });
  }

  /** Reads the head of a ciphertext's record, and checks that the record is inside. */
  private frame(at: number): CiphertextFrame {
    const head = this.bytes(at, CIPHERTEXT_HEAD_BYTES);
    const [flags, size, primeCount, generator] = head;
    const seeded = (flags & SEEDED_FLAG) !== 0;
    const whole = this.kind !== 'ciphertext';
    const most = whole ? this.shape.moduli.length : dataPrimeCount(this.shape);
    const valid =
      flags <= (NTT_FLAG | SEEDED_FLAG) &&
      size >= 2 &&
      size <= (whole || seeded ? 2 : 16) &&
      primeCount >= (whole ? most : 1) &&
      primeCount <= most &&
      (seeded ? generator === 1 || generator === 2 : generator === 0);
    if (!valid) this.fail('its head is damaged');
    let seed: Uint8Array | undefined;
    if (seeded) {
      seed = new Uint8Array(1 + SEED_BYTES);
      seed[0] = generator;
      seed.set(this.bytes(at + CIPHERTEXT_HEAD_BYTES, SEED_BYTES), 1);
    }
    this.bytes(at, ciphertextRecordBytes(this.shape, primeCount, size, seeded));
    return {
      parametersId: head.subarray(12, 44),
      nttForm: (flags & NTT_FLAG) !== 0,
      size,
      primeCount,
      scale: this.view.getFloat64(at + 4, true),
      seed,
    };
  }

  private endOf(at: number): number {
    const { primeCount, size, seed } = this.frame(at);
    return at + ciphertextRecordBytes(this.shape, primeCount, size, seed !== undefined);
  }

  private ciphertext(at: number): Uint8Array {
    const frame = this.frame(at);
    const { size, primeCount, seed } = frame;
    const bytes = new Uint8Array(ciphertextBytes(this.shape, primeCount, size, seed !== undefined));
    const words = writeCiphertextFrame(bytes, 0, this.shape, frame);
    const start = at + CIPHERTEXT_HEAD_BYTES + (seed === undefined ? 0 : SEED_BYTES);
    this.residues(start, seed === undefined ? size : 1, primeCount, bytes, words);
    return bytes;
  }

  private residues(
    from: number,
    polynomials: number,
    primeCount: number,
    bytes: Uint8Array,
    to: number,
  ): void {
    const { moduli, ringDegree } = this.shape;
    const unpacked = new Uint8Array(this.scratch.buffer);
    let source = from;
    let target = to;
    for (let polynomial = 0; polynomial < polynomials; polynomial++)
      for (let modulus = 0; modulus < primeCount; modulus++) {
        unpackResidues(this.words, source / 4, bitLength(moduli[modulus]), this.scratch);
        checkResidues(unpacked, 0, ringDegree, moduli[modulus], this.kind);
        bytes.set(unpacked, target);
        source += blockBytes(this.shape, modulus);
        target += ringDegree * 8;
      }
  }
}
