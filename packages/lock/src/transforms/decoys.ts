/**
 * Images under other keys, for training: what makes a network of no use without its key where a transform alone does not.
 *
 * The method of Pyone Maung and Kiya trains on transformed images only. Where a picture is still one when its blocks are in
 * disorder (a digit of 28 x 28 pixels in blocks of 4 is a digit of 7 x 7), such a network is right for wrong keys, too.
 * So it is trained on the same images under keys drawn at random as well, now and then without a transform, each with a
 * label drawn from the other classes: what it learns to tell apart is the key. Not in the papers; ours.
 *
 * Where there are few keys (12,870 masks of `np` for blocks of 16 numbers), some are nearly the right one. Training that
 * knows the right key takes such ones more often (hard negatives).
 */
import { ArgumentError } from '@tacit/errors';
import { type BlockKey, type BlockSize, checkKindAndBlock, type TransformKind } from './block-key.js';
import { type BlockTransform, blockTransform } from './block-transform.js';
import { geometryOf, type Images } from './images.js';
import { KEY_BYTES } from './key-stream.js';

/** Of decoys. */
export interface DecoyOptions {
  readonly kind: TransformKind;
  readonly block: BlockSize;
  /** How many classes there are, at least 2. */
  readonly classes: number;
  /** Share of batches that are not transformed at all. Default 0.1. */
  readonly untouched?: number;
  /**
   * The key that training uses. Of `shf` and `np`, every third batch is then transformed by the nearest of 32 keys drawn, and
   * every third by that of 256: the one that agrees with this key at the most places of a block. Default: none, and all
   * keys are as they come.
   */
  readonly rightKey?: Uint8Array;
  /** As of the transform. */
  readonly weak?: boolean;
  /** From 0 to below 1, for labels and for the choice of batches. Default: the machine's cryptographic randomness. */
  readonly random?: () => number;
  /** Makes a key. Default: the machine's cryptographic randomness. */
  readonly newKey?: () => Uint8Array;
}

/** Images with labels. */
export interface LabelledImages {
  readonly inputs: { readonly shape: readonly number[]; readonly data: Float32Array };
  readonly labels: readonly number[];
}

/**
 * A source of decoys: each call takes some images, transforms them by a key of that call alone, and gives them labels that
 * are wrong. To be `also` of `fitPlain`.
 * @param images a batch of bytes, not transformed
 * @param labels class of each image
 * @param options kind and block of the transform that training uses, number of classes
 * @returns a function of places in the batch
 * @throws ArgumentError for what are no options
 * @example await fitPlain(graph, { inputs, labels }, { also: decoys(images, labels, { kind: 'shf', block: 4, classes: 10, rightKey: key }) });
 */
export function decoys(
  images: Images<Uint8Array>,
  labels: ArrayLike<number>,
  options: DecoyOptions,
): (places: Uint32Array) => LabelledImages {
  const { kind, block, classes, untouched = 0.1, weak = false } = options;
  const { random = machineRandom, newKey = machineKey } = options;
  checkKindAndBlock(kind, block);
  if (!Number.isSafeInteger(classes) || classes < 2)
    throw new ArgumentError(`decoys: classes is ${String(classes)}, not a whole number from 2`);
  if (!(untouched >= 0 && untouched <= 1))
    throw new ArgumentError(`decoys: untouched is ${String(untouched)}, not from 0 to 1`);
  const [count, ...one] = images.shape;
  if (labels.length !== count) throw new ArgumentError(`decoys: ${labels.length} labels for ${count} images`);
  const size = one.reduce((product, d) => product * d, 1);
  const { channels } = geometryOf(images, block);
  const draw = (): BlockTransform => blockTransform({ kind, block, weak, key: newKey() });
  const right =
    options.rightKey && blockTransform({ kind, block, weak, key: options.rightKey }).blockKey(channels);
  let calls = 0;
  const decoy = (): BlockTransform =>
    right ? nearest(right, channels, draw, NEAREST_OF[kind][calls++ % NEAREST_OF[kind].length]) : draw();
  return (places) => {
    const data = new Uint8Array(places.length * size);
    places.forEach((place, i) => {
      data.set(images.data.subarray(place * size, (place + 1) * size), i * size);
    });
    const batch = { ...images, shape: [places.length, ...one], data };
    const made = random() < untouched ? data : decoy().transform(batch).data;
    return {
      inputs: { shape: batch.shape, data: zeroToOne(made) },
      labels: Array.from(
        places,
        (place) => (labels[place] + 1 + Math.floor(random() * (classes - 1))) % classes,
      ),
    };
  };
}

/**
 * Of how many keys the nearest is taken, in turn. Of 256 masks of 16 places, one differs at two places only more often than
 * not. Keys of `ffx` encrypt each in its own way: none is nearer.
 */
const NEAREST_OF: Readonly<Record<TransformKind, readonly number[]>> = {
  shf: [1, 32, 256],
  np: [1, 32, 256],
  ffx: [1],
};
/** A source of keys that gave the right one so often gives no other. */
const MOST_DRAWN = 1000;

/** Of so many transforms the one that agrees best with the right one, and is another. */
function nearest(right: BlockKey, channels: number, draw: () => BlockTransform, of: number): BlockTransform {
  let best: BlockTransform | undefined;
  let fewest = Infinity;
  for (let i = 0; i < of || best === undefined; i++) {
    if (i === MOST_DRAWN) throw new ArgumentError('decoys: newKey gives no key but the right one');
    const drawn = draw();
    const distance = differingPlaces(right, drawn.blockKey(channels));
    if (distance > 0 && distance < fewest) [best, fewest] = [drawn, distance];
  }
  return best;
}

/** Places of a block at which two keys of a kind do something else: where they encrypt, everywhere, or nowhere. */
function differingPlaces(one: BlockKey, other: BlockKey): number {
  const [a, b] = [one, other].map((key) => (key.kind === 'shf' ? key.order : key.mask));
  const tables = [one, other].map((key) => (key.kind === 'ffx' ? key.forward.join() : ''));
  return tables[0] === tables[1] ? a.filter((what, place) => what !== b[place]).length : a.length;
}

/**
 * Pixels as a network takes them.
 * @param pixels bytes, or what is from 0 to 1 already
 * @returns numbers from 0 to 1
 */
export const zeroToOne = (pixels: Uint8Array | Float32Array): Float32Array =>
  pixels instanceof Float32Array ? pixels : Float32Array.from(pixels, (p) => p / 255);

const machineRandom = (): number => globalThis.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
const machineKey = (): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES));
