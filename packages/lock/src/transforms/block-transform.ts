/**
 * Keyed transforms of images, block by block: a network that is trained on transformed images is of use only to who can
 * transform images by the same key.
 *
 * Source: Pyone Maung, Kiya, "Encryption Inspired Adversarial Defense for Visual Classification" (ICIP 2020, shuffling) and
 * "Block-wise Image Transformation with Secret Key for Adversarially Robust Defense" (IEEE TIFS 2021, all three);
 * "Training DNN Model with Secret Key for Model Protection" (GCCE 2020) uses them as a lock. An image is cut into blocks
 * of M x M pixels; the same is done to each block of each image.
 *
 * - `shf` puts the numbers of a block into another order.
 * - `np` turns p into 255 - p (x into 1 - x) at half of the places.
 * - `ffx` encrypts p at half of the places to a number of three digits, and divides everything by 999.
 *
 * | kind | bytes | single precision, 0 to 1 | inverse |
 * |---|---|---|---|
 * | `shf` | to bytes, exact | to the same numbers in another order, exact; any numbers | exact |
 * | `np` | to bytes, exact | to the nearest float of 1 - x | within 2^-25; of bytes exact |
 * | `ffx` | to single precision, p / 999 or code / 999 | as bytes, of numbers within 1/64 of p/255 times 255 | to bytes, exact |
 *
 * Cost: a table of one strip of blocks, and one gather of the pixels.
 */
import {
  type BlockKey,
  type BlockKeyOptions,
  blockKey,
  checkKindAndBlock,
  type TransformKind,
} from './block-key.js';
import { TransformPixelsError } from './errors.js';
import { type Geometry, geometryOf, type Images, type Pixels, type Strip, stripsOf } from './images.js';
import {
  decryptFloats,
  encryptBytes,
  encryptedValues,
  encryptFloats,
  flipFloats,
  flipWords,
  gatherBytes,
  gatherWords,
  type Piece,
} from './kernels.js';
import { checkKey } from './key-stream.js';

/** Of a transform. */
export type BlockTransformOptions<K extends TransformKind = TransformKind> = BlockKeyOptions & {
  readonly kind: K;
};

/** What pixels of type T become: encrypted ones are in single precision. */
export type Transformed<K extends TransformKind, T extends Pixels> = K extends 'ffx' ? Float32Array : T;
/** What pixels of type T become again: those that were encrypted are bytes. */
export type Restored<K extends TransformKind, T extends Pixels> = K extends 'ffx' ? Uint8Array : T;

/** A transform of images under a key. */
export interface BlockTransform<K extends TransformKind = TransformKind> {
  readonly kind: K;
  readonly block: BlockKeyOptions['block'];
  /**
   * Transforms images.
   * @param images an image or a batch, which stays as it is
   * @returns the same shape and layout, new memory
   * @throws ArgumentError for what are no images
   * @throws ShapeError where blocks do not divide the images
   * @throws WeakTransformError where blocks have fewer than 32 numbers and `weak` was not set
   * @throws TransformPixelsError for numbers that are no pixels
   */
  transform<T extends Pixels>(images: Images<T>): Images<Transformed<K, T>>;
  /**
   * Takes a transform back.
   * @param images what `transform` made
   * @returns the images
   * @throws as `transform`; `TransformPixelsError` also for numbers that this key makes of no pixel
   */
  inverse<T extends Pixels>(images: Images<T>): Images<Restored<K, T>>;
  /**
   * What the key makes of a block, as secret as the key.
   * @param channels channels of the images
   * @returns the permutation or the mask, with the tables
   * @throws ShapeError, WeakTransformError as `transform`
   */
  blockKey(channels: number): BlockKey;
}

/** What becomes of each number of a strip. */
interface Plan {
  readonly strip: Strip;
  /** Of shuffling: where each number of the strip comes from. */
  readonly from: Uint32Array;
  /** Of the others: 1 where something is done. */
  readonly mask: Uint8Array;
}

/**
 * A transform of images under a key: deterministic, and the same for every block and every image. The same key gives
 * unrelated transforms for other kinds, sizes of blocks and numbers of channels.
 * @param options kind, side of a block, 32 bytes of key, which are copied
 * @returns the transform and its inverse
 * @throws ArgumentError for kinds, sizes and keys that are none
 * @example
 * const shuffle = blockTransform({ kind: 'shf', block: 4, key });
 * const { data } = shuffle.transform({ shape: [100, 3, 32, 32], data: pixels });
 */
export function blockTransform<K extends TransformKind>(
  options: BlockTransformOptions<K>,
): BlockTransform<K> {
  const { kind, block, weak = false } = options;
  checkKindAndBlock(kind, block);
  checkKey(options.key);
  const key = options.key.slice();
  const keys = new Map<number, BlockKey>();
  const own = (channels: number): BlockKey => {
    const made = keys.get(channels) ?? blockKey({ kind, block, key, weak }, channels);
    keys.set(channels, made);
    return made;
  };
  let last: { readonly name: string; readonly plan: Plan } | undefined;
  const planOf = (geometry: Geometry, inverted: boolean): Plan => {
    const { layout, channels, height, width } = geometry;
    const name = `${layout} ${channels} ${height} ${width} ${inverted}`;
    if (last?.name !== name)
      last = { name, plan: planFor(own(channels), stripsOf(geometry, block), inverted) };
    return last.plan;
  };
  const run = <T extends Pixels>(images: Images<T>, inverted: boolean): Images => {
    const geometry = geometryOf(images, block);
    const made = own(geometry.channels);
    const plan = planOf(geometry, inverted);
    const { data } = images;
    if (made.kind === 'shf') return { ...images, data: shuffled(data, plan, geometry.count) };
    if (made.kind === 'np') return { ...images, data: flipped(data, plan, geometry.count) };
    const crypt = inverted ? decrypted : encrypted;
    return { ...images, data: crypt(data, made, plan, geometry.count) };
  };
  return {
    kind,
    block,
    // What type comes out follows from the kind, which the compiler does not follow into the branches above.
    transform: (images) => run(images, false) as never,
    inverse: (images) => run(images, true) as never,
    blockKey: own,
  };
}

function planFor(key: BlockKey, strip: Strip, inverted: boolean): Plan {
  const { places, length } = strip;
  if (key.kind !== 'shf')
    return { strip, from: new Uint32Array(0), mask: Uint8Array.from(places, (place) => key.mask[place]) };
  const order = inverted ? inverseOf(key.order) : key.order;
  return {
    strip,
    from: places.map((place, at) => strip.source(at % length, order[place])),
    mask: new Uint8Array(0),
  };
}

function inverseOf(order: Uint32Array): Uint32Array {
  const inverse = new Uint32Array(order.length);
  order.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

function eachPiece(
  { planes, planeSize, length, count }: Strip,
  images: number,
  f: (piece: Piece) => void,
): void {
  for (let image = 0; image < images; image++)
    for (let i = 0; i < count; i++) {
      const strip = image * planes * planeSize + i * length;
      for (let plane = 0; plane < planes; plane++)
        f({ strip, begin: strip + plane * planeSize, table: plane * length, length });
    }
}

function shuffled(data: Pixels, { strip, from }: Plan, images: number): Pixels {
  if (data instanceof Uint8Array) {
    const out = new Uint8Array(data.length);
    eachPiece(strip, images, (piece) => gatherBytes(out, data, from, piece));
    return out;
  }
  const out = new Float32Array(data.length);
  const [to, words] = [wordsOf(out), wordsOf(data)];
  eachPiece(strip, images, (piece) => gatherWords(to, words, from, piece));
  return out;
}

function flipped(data: Pixels, { strip, mask }: Plan, images: number): Pixels {
  if (data instanceof Uint8Array) {
    const out = Uint8Array.from(data);
    const [to, bits] = [wordsOf(out), wordsOf(mask.map((one) => 255 * one))];
    eachPiece(strip, images, (piece) => flipWords(to, bits, piece));
    return out;
  }
  const out = new Float32Array(data.length);
  eachPiece(strip, images, (piece) => flipFloats(out, data, mask, piece));
  return out;
}

type FfxKey = BlockKey & { readonly kind: 'ffx' };

function encrypted(data: Pixels, { forward }: FfxKey, { strip, mask }: Plan, images: number): Pixels {
  const values = encryptedValues(forward);
  const out = new Float32Array(data.length);
  if (data instanceof Uint8Array)
    eachPiece(strip, images, (piece) => encryptBytes(out, data, values, mask, piece));
  else eachPiece(strip, images, (piece) => encryptFloats(out, data, values, mask, piece));
  return out;
}

function decrypted(data: Pixels, { inverse }: FfxKey, { strip, mask }: Plan, images: number): Pixels {
  if (!(data instanceof Float32Array))
    throw new TransformPixelsError(
      'encrypted pixels are in single precision: bytes do not hold three digits',
    );
  const out = new Uint8Array(data.length);
  eachPiece(strip, images, (piece) => decryptFloats(out, data, inverse, mask, piece));
  return out;
}

/** Memory of whole words as words. */
const wordsOf = ({ buffer, byteOffset, byteLength }: Pixels): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);
