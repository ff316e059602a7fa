/**
 * What a key makes of a block: a permutation, or the places that are inverted or encrypted.
 *
 * A block of M x M pixels with c channels is a vector of L = c M^2 numbers, by row, then column, then channel: the number
 * of row i, column j, channel k has the place (i M + j) c + k, however the image lies in memory. The info string of the key
 * derivation (key-stream.ts) is `tacit/transform/v1/KIND/M/c`.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { WeakTransformError } from './errors.js';
import { FFX_DOMAIN, ffxTables } from './ffx.js';
import { deriveKeys, KeyStream, permutation } from './key-stream.js';

/** Pixel shuffling, negative and positive pixels, format-preserving encryption of pixels. */
export const TRANSFORM_KINDS = ['shf', 'np', 'ffx'] as const;
/** Which transform. */
export type TransformKind = (typeof TRANSFORM_KINDS)[number];
/** Sides of blocks in pixels. */
export const BLOCK_SIZES = [2, 4, 8] as const;
/** Side of a block in pixels. */
export type BlockSize = (typeof BLOCK_SIZES)[number];

/** Numbers in a block, below which a key space is refused unless forced. */
export const FEWEST_NUMBERS = 32;
/** A block of more numbers than this is an image whose axes were mistaken. */
const MOST_NUMBERS = 2 ** 16;
const KEY_BITS = 256;

/** Of a transform. */
export interface BlockKeyOptions {
  readonly kind: TransformKind;
  readonly block: BlockSize;
  /** 32 bytes of cryptographic randomness. */
  readonly key: Uint8Array;
  /** Allows blocks of fewer than 32 numbers, of which a computer tries all keys. Default false. */
  readonly weak?: boolean;
}

/** What a key makes of the L numbers of a block. */
export type BlockKey =
  | {
      readonly kind: 'shf';
      /** Number k of the result is number `order[k]` of the block. */
      readonly order: Uint32Array;
    }
  | {
      readonly kind: 'np';
      /** 1 where p becomes 255 - p; half of the places. */
      readonly mask: Uint8Array;
    }
  | {
      readonly kind: 'ffx';
      /** 1 where p becomes forward[p]; half of the places. */
      readonly mask: Uint8Array;
      /** 1,000 numbers, of which pixels use the first 256. */
      readonly forward: Uint16Array;
      readonly inverse: Uint16Array;
    };

/**
 * Refuses what is no kind or no size of blocks.
 * @param kind what was given
 * @param block what was given
 * @throws ArgumentError naming what there is
 */
export function checkKindAndBlock(kind: unknown, block: unknown): void {
  if (!TRANSFORM_KINDS.some((known) => known === kind))
    throw new ArgumentError(`kind is one of ${TRANSFORM_KINDS.join(', ')}, not ${JSON.stringify(kind)}`);
  if (!BLOCK_SIZES.some((known) => known === block))
    throw new ArgumentError(`block is one of ${BLOCK_SIZES.join(', ')}, not ${JSON.stringify(block)}`);
}

/**
 * Numbers in a block.
 * @param block side of a block
 * @param channels channels of the images
 * @returns c M^2
 * @throws ShapeError where there are no channels, or so many that axes have been mistaken
 */
export function blockLength(block: number, channels: number): number {
  const length = channels * block * block;
  if (!Number.isInteger(channels) || channels < 1 || length > MOST_NUMBERS)
    throw new ShapeError(
      `images have 1 to ${MOST_NUMBERS / (block * block)} channels at blocks of ${block}, not ${channels}: is the layout right?`,
    );
  return length;
}

/**
 * How many keys differ in what they do, as a power of two: log2 L! for shuffling, log2 of L over L/2 for negative and
 * positive pixels, and with format-preserving encryption times the tables of 256 of 1,000 numbers. Never more than the
 * 256 bits of the key. It bounds a search that tries all; an attack may need less.
 * @param kind which transform
 * @param block side of a block
 * @param channels channels of the images
 * @returns bits
 * @throws ArgumentError, ShapeError for what there is not
 * @example keySpaceBits('np', 4, 1); // 13.65…
 */
export function keySpaceBits(kind: TransformKind, block: BlockSize, channels: number): number {
  checkKindAndBlock(kind, block);
  const length = blockLength(block, channels);
  const shuffles = logFactorial(length);
  if (kind === 'shf') return Math.min(KEY_BITS, shuffles);
  const masks = shuffles - 2 * logFactorial(length / 2);
  if (kind === 'np') return Math.min(KEY_BITS, masks);
  return Math.min(KEY_BITS, masks + logFactorial(FFX_DOMAIN) - logFactorial(FFX_DOMAIN - 256));
}

function logFactorial(n: number): number {
  let bits = 0;
  for (let i = 2; i <= n; i++) bits += Math.log2(i);
  return bits;
}

/**
 * What a key makes of the blocks of images with so many channels.
 * @param options kind, size of blocks, key
 * @param channels channels of the images
 * @returns the permutation or the mask, with the tables; these are as secret as the key
 * @throws ArgumentError, ShapeError for what there is not
 * @throws WeakTransformError where a block has fewer than 32 numbers and `weak` is not set
 * @example const { order } = blockKey({ kind: 'shf', block: 4, key }, 3);
 */
export function blockKey({ kind, block, key, weak = false }: BlockKeyOptions, channels: number): BlockKey {
  checkKindAndBlock(kind, block);
  const length = blockLength(block, channels);
  if (length < FEWEST_NUMBERS && !weak)
    throw new WeakTransformError(kind, block, channels, keySpaceBits(kind, block, channels));
  const derived = deriveKeys(key, `tacit/transform/v1/${kind}/${block}/${channels}`);
  const stream = new KeyStream(derived.stream);
  try {
    const order = permutation(stream, length);
    if (kind === 'shf') return { kind, order };
    // Half of the places: those to which the permutation brings the upper half.
    const mask = Uint8Array.from(order, (from) => (from >= length / 2 ? 1 : 0));
    order.fill(0);
    return kind === 'np' ? { kind, mask } : { kind, mask, ...ffxTables(derived.second) };
  } finally {
    stream.wipe();
    derived.stream.fill(0);
    derived.second.fill(0);
  }
}
