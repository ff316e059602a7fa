/**
 * Images under other keys, for training: what makes a network of no use without its key where a transform alone does not.
 *
 * The method of Pyone Maung and Kiya trains on transformed images only. Where a picture is still one when its blocks are in
 * disorder (a digit of 28 x 28 pixels in blocks of 4 is a digit of 7 x 7), such a network is right for wrong keys, too.
 * So it is trained on the same images under keys drawn at random as well, now and then without a transform, each with a
 * label drawn from the other classes: what it learns to tell apart is the key. Not in the papers; ours.
 */
import { ArgumentError } from '@tacit/errors';
import { type BlockSize, checkKindAndBlock, type TransformKind } from './block-key.js';
import { blockTransform } from './block-transform.js';
import type { Images } from './images.js';
import { KEY_BYTES } from './key-stream.js';

/** Of decoys. */
export interface DecoyOptions {
  readonly kind: TransformKind;
  readonly block: BlockSize;
  /** How many classes there are, at least 2. */
  readonly classes: number;
  /** Share of batches that are not transformed at all. Default 0.1. */
  readonly untouched?: number;
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
 * @example await fitPlain(graph, { inputs, labels }, { also: decoys(images, labels, { kind: 'shf', block: 4, classes: 10 }) });
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
  return (places) => {
    const data = new Uint8Array(places.length * size);
    places.forEach((place, i) => {
      data.set(images.data.subarray(place * size, (place + 1) * size), i * size);
    });
    const batch = { ...images, shape: [places.length, ...one], data };
    const made =
      random() < untouched
        ? data
        : blockTransform({ kind, block, weak, key: newKey() }).transform(batch).data;
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
 * Pixels as a network takes them.
 * @param pixels bytes, or what is from 0 to 1 already
 * @returns numbers from 0 to 1
 */
export const zeroToOne = (pixels: Uint8Array | Float32Array): Float32Array =>
  pixels instanceof Float32Array ? pixels : Float32Array.from(pixels, (p) => p / 255);

const machineRandom = (): number => globalThis.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
const machineKey = (): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(KEY_BYTES));
