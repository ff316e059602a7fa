/** The weights of an ONNX file as bytes, whatever field of the file they are in. */
import { createHash } from 'node:crypto';
import { type Layout, layoutOf, type Site } from './layout.js';
import { decodeVarints } from './varints.js';

/** A weight: an initializer of the top-level graph. */
export interface Weight {
  readonly name: string;
  /** Name of the element type, as `float`, `float16`, `int8`. */
  readonly type: string;
  /** Number of the element type in onnx.proto. */
  readonly dataType: number;
  /** Bits of an element. */
  readonly bits: number;
  readonly shape: readonly number[];
  /**
   * Its elements row-major and little-endian, as `raw_data` has them. May be a view of the file, at any alignment: read
   * only, and copy what is to be kept.
   */
  readonly bytes: Uint8Array;
}

/**
 * Every initializer of the top-level graph of a model, in file order. Tensors of Constant nodes, sub-graphs and functions
 * are not among them.
 * @param file the bytes of an ONNX file, of at most 2 GiB
 * @returns the weights; bits are as in the file, so NaNs and negative zeros keep theirs
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model, cut off, damaged or ambiguous; WeightsError
 * (`WEIGHTS_EXTERNAL`) for weights in other files, (`WEIGHTS_TYPE`) for strings and for sparse or segmented tensors
 * @example for (const { name, type, bytes } of readWeights(file)) console.log(name, type, bytes.length);
 */
export function readWeights(file: Uint8Array): Weight[] {
  return weightsAt(file, layoutOf(file));
}

/**
 * The weights of a file whose layout is known.
 * @param file the bytes of the file
 * @param layout where its weights are
 * @returns the weights
 */
export const weightsAt = (file: Uint8Array, layout: Layout): Weight[] =>
  layout.sites.map((site) => {
    const { name, dataType, shape, type } = site;
    return { name, type: type.name, dataType, bits: type.bits, shape, bytes: bytesAt(file, site) };
  });

/**
 * The bytes of a weight.
 * @param file the bytes of the file
 * @param site where it is
 * @returns a view of the file where they lie in one piece, otherwise a copy
 */
export function bytesAt(file: Uint8Array, site: Site): Uint8Array {
  const { pieces, type } = site;
  const label = `tensor ${JSON.stringify(site.name)}`;
  const read = (piece: (typeof pieces)[number]): Uint8Array => {
    const bytes = file.subarray(piece.start, piece.end);
    return piece.varints ? decodeVarints(bytes, type.entryBytes, label) : bytes;
  };
  if (pieces.length === 1) return read(pieces[0]);
  const out = new Uint8Array(site.byteLength);
  let at = 0;
  for (const piece of pieces) {
    const bytes = read(piece);
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/**
 * Names the weights of a file: SHA-256 over names, types, shapes and bytes in file order. Independent of how the file
 * stores them, and of everything else in it.
 * @param file the bytes of an ONNX file, or its weights
 * @returns 64 hexadecimal digits
 * @throws as readWeights, for a file
 * @example weightsHash(unlocked) === weightsHash(original); // true
 */
export function weightsHash(file: Uint8Array | readonly Weight[]): string {
  const weights = file instanceof Uint8Array ? readWeights(file) : file;
  const hash = createHash('sha256').update('tacit weights 1\n');
  for (const { name, type, shape, bytes } of weights)
    hash.update(`${JSON.stringify([name, type, shape, bytes.length])}\n`).update(bytes);
  return hash.digest('hex');
}

/**
 * The entries of a model's `metadata_props`.
 * @param file the bytes of an ONNX file
 * @returns values by key; of two entries of one key the last
 * @throws as readWeights
 * @example readMetadata(file).get('tacit.lock');
 */
export const readMetadata = (file: Uint8Array): Map<string, string> =>
  new Map(layoutOf(file).metadata.map(({ key, value }) => [key, value]));
