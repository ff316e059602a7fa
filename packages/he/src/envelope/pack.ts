/** From SEAL's bytes to the packed form. */
import { bitLength } from '../backend/primes.js';
import { checkResidues, halfWords } from '../backend/residues.js';
import {
  type CiphertextLayout,
  PLAINTEXT_HEADER_BYTES,
  type ResidueBlock,
  readCiphertext,
  readPlaintext,
  readPublicKey,
  readSwitchingKey,
  type SealShape,
} from '../backend/seal-format.js';
import { packResidues } from './bits.js';
import {
  blockBytes,
  CIPHERTEXT_HEAD_BYTES,
  ciphertextRecordBytes,
  ENTRY_HEAD_BYTES,
  NTT_FLAG,
  type PackedKind,
  PREFIX_BYTES,
  polynomialBytes,
  SECRET_KEY_HEAD_BYTES,
  SEED_BYTES,
  SEEDED_FLAG,
  SWITCHING_HEAD_BYTES,
  writePrefix,
} from './records.js';

/**
 * Packs an object in SEAL's uncompressed form: 64-bit words to the bits of their primes. Nothing is lost:
 * `unpackSeal` gives exactly these bytes again. About 3 ns a residue.
 *
 * @param shape the parameters' ring degree and primes; an `HeContext` is one
 * @throws HeFormatError if the bytes are not a complete object of this kind and shape
 */
export function packSeal(bytes: Uint8Array, kind: PackedKind, shape: SealShape): Uint8Array<ArrayBuffer> {
  switch (kind) {
    case 'ciphertext':
      return packAlone(bytes, kind, shape, readCiphertext(bytes, shape));
    case 'public key':
      return packAlone(bytes, kind, shape, readPublicKey(bytes, shape));
    case 'secret key':
      return packSecretKey(bytes, shape);
    default:
      return packSwitchingKey(bytes, kind, shape);
  }
}

function packAlone(bytes: Uint8Array, kind: PackedKind, shape: SealShape, layout: CiphertextLayout) {
  const packed = new Uint8Array(PREFIX_BYTES + recordBytes(shape, layout));
  writePrefix(packed, kind);
  packCiphertext(bytes, kind, shape, layout, packed, PREFIX_BYTES);
  return packed;
}

function packSecretKey(bytes: Uint8Array, shape: SealShape) {
  const kind = 'secret key';
  const { parametersId, scale } = readPlaintext(bytes, shape, kind);
  const packed = new Uint8Array(
    PREFIX_BYTES + SECRET_KEY_HEAD_BYTES + polynomialBytes(shape, shape.moduli.length),
  );
  writePrefix(packed, kind);
  new DataView(packed.buffer).setFloat64(PREFIX_BYTES, scale, true);
  packed.set(parametersId, PREFIX_BYTES + 8);
  const blocks = shape.moduli.map((_, modulus) => ({
    offset: PLAINTEXT_HEADER_BYTES + modulus * shape.ringDegree * 8,
    modulus,
  }));
  packBlocks(bytes, kind, shape, blocks, packed, PREFIX_BYTES + SECRET_KEY_HEAD_BYTES);
  return packed;
}

function packSwitchingKey(bytes: Uint8Array, kind: 'relinearization key' | 'Galois keys', shape: SealShape) {
  const { parametersId, entries } = readSwitchingKey(bytes, shape, kind);
  let size = PREFIX_BYTES + SWITCHING_HEAD_BYTES;
  for (const { digits } of entries) {
    size += ENTRY_HEAD_BYTES;
    for (const digit of digits) size += recordBytes(shape, digit);
  }
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  writePrefix(packed, kind);
  packed.set(parametersId, PREFIX_BYTES);
  view.setUint32(PREFIX_BYTES + 32, entries.length, true);
  let at = PREFIX_BYTES + SWITCHING_HEAD_BYTES;
  for (const { index, digits } of entries) {
    view.setUint32(at, index, true);
    at += ENTRY_HEAD_BYTES;
    for (const digit of digits) at = packCiphertext(bytes, kind, shape, digit, packed, at);
  }
  return packed;
}

function recordBytes(shape: SealShape, { primeCount, size, seeded }: CiphertextLayout): number {
  return ciphertextRecordBytes(shape, primeCount, size, seeded);
}

/** Returns the byte after the record. */
function packCiphertext(
  bytes: Uint8Array,
  kind: PackedKind,
  shape: SealShape,
  layout: CiphertextLayout,
  packed: Uint8Array<ArrayBuffer>,
  at: number,
): number {
  const { nttForm, seeded, size, primeCount, scale, parametersId, seedAt, blocks } = layout;
  packed[at] = (nttForm ? NTT_FLAG : 0) | (seeded ? SEEDED_FLAG : 0);
  packed[at + 1] = size;
  packed[at + 2] = primeCount;
  packed[at + 3] = seeded ? bytes[seedAt] : 0;
  new DataView(packed.buffer).setFloat64(at + 4, scale, true);
  packed.set(parametersId, at + 12);
  let next = at + CIPHERTEXT_HEAD_BYTES;
  if (seeded) {
    packed.set(bytes.subarray(seedAt + 1, seedAt + 1 + SEED_BYTES), next);
    next += SEED_BYTES;
  }
  return packBlocks(bytes, kind, shape, blocks, packed, next);
}

function packBlocks(
  bytes: Uint8Array,
  kind: PackedKind,
  shape: SealShape,
  blocks: readonly ResidueBlock[],
  packed: Uint8Array<ArrayBuffer>,
  at: number,
): number {
  const words = new Uint32Array(packed.buffer, 0, packed.length / 4);
  let next = at;
  for (const { offset, modulus } of blocks) {
    checkResidues(bytes, offset, shape.ringDegree, shape.moduli[modulus], kind);
    const residues = halfWords(bytes, offset, shape.ringDegree * 8);
    packResidues(residues, bitLength(shape.moduli[modulus]), words, next / 4);
    next += blockBytes(shape, modulus);
  }
  return next;
}
