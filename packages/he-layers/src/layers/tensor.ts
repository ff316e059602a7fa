/** Tensors of which every element is a ciphertext, or publicly known. */
import { type Interval, sizeOf, uniformInterval } from '@tacit/he/network';
import type { Arithmetic, CiphertextState, Element, KeyHolder } from './arithmetic.js';
import { HeLayerError } from './errors.js';

/** A ciphertext that several tensors may hold: freed with the last. */
interface Shared<C extends object> {
  readonly ciphertext: C;
  users: number;
}

/**
 * An encrypted tensor: a shape, and one ciphertext for each element, row by row. Dispose of it when it is used up; layers
 * leave their inputs alone.
 */
export class EncryptedTensor<C extends object = object> {
  private readonly cells: readonly (Shared<C> | number)[];
  private released = false;

  private constructor(
    readonly arithmetic: Arithmetic<C>,
    /** Shape of one image with a batch axis of 1, as in the ONNX file. */
    readonly shape: readonly number[],
    /** Images that it holds: slots that mean something. */
    readonly images: number,
    /** Bounds of the elements. They are promises of who encrypted the input, not checked by anybody. */
    readonly interval: Interval,
    cells: readonly (Shared<C> | number)[],
  ) {
    if (cells.length !== sizeOf(shape))
      throw new HeLayerError(`There are ${cells.length} elements for the shape [${shape.join(', ')}].`);
    this.cells = cells;
    for (const cell of cells) if (typeof cell === 'object') cell.users++;
  }

  /**
   * A tensor that owns `elements`.
   * @param arithmetic what made the ciphertexts
   * @param shape of one image, with a batch axis of 1
   * @param images slots that mean something
   * @param interval bounds of each element
   * @param elements ciphertexts, which are freed with the tensor, and public numbers
   * @returns the tensor
   * @throws HeLayerError where the elements do not fill the shape
   */
  static of<C extends object>(
    arithmetic: Arithmetic<C>,
    shape: readonly number[],
    images: number,
    interval: Interval,
    elements: readonly Element<C>[],
  ): EncryptedTensor<C> {
    const cells = elements.map((element) =>
      typeof element === 'number' ? element : { ciphertext: element, users: 0 },
    );
    return new EncryptedTensor(arithmetic, shape, images, interval, cells);
  }

  /** The elements; they belong to the tensor. */
  get elements(): Element<C>[] {
    if (this.released) throw new HeLayerError('This encrypted tensor was disposed of.');
    return this.cells.map((cell) => (typeof cell === 'number' ? cell : cell.ciphertext));
  }

  get size(): number {
    return this.cells.length;
  }

  /** Bytes of all ciphertexts. */
  get bytes(): number {
    return this.elements.reduce<number>(
      (sum, cell) => sum + (typeof cell === 'number' ? 0 : this.arithmetic.stateOf(cell).bytes),
      0,
    );
  }

  /** State of the first ciphertext, which all share; undefined if every element is public. */
  get state(): CiphertextState | undefined {
    const first = this.elements.find((cell) => typeof cell !== 'number');
    return typeof first === 'object' ? this.arithmetic.stateOf(first) : undefined;
  }

  /**
   * A tensor of some of these elements in another order, without copies.
   * @param shape of the result
   * @param sources index of every element here, or -1 for the public `fill`
   * @param fill public number that is put where there is no source; default 0
   * @returns a tensor that shares its ciphertexts with this one
   * @throws HeLayerError after `dispose`
   */
  select(shape: readonly number[], sources: ArrayLike<number>, fill = 0): EncryptedTensor<C> {
    if (this.released) throw new HeLayerError('This encrypted tensor was disposed of.');
    const { low, high } = this.interval;
    const cells = Array.from(sources, (from) => (from < 0 ? fill : this.cells[from]));
    const interval = {
      low: Float64Array.from(sources, (from) => (from < 0 ? fill : low[from])),
      high: Float64Array.from(sources, (from) => (from < 0 ? fill : high[from])),
    };
    return new EncryptedTensor(this.arithmetic, shape, this.images, interval, cells);
  }

  /** Frees the ciphertexts that no other tensor shares. */
  dispose(): void {
    if (this.released) return;
    this.released = true;
    for (const cell of this.cells)
      if (typeof cell === 'object' && --cell.users === 0) this.arithmetic.free(cell.ciphertext);
  }

  /** Calls `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A tensor as bytes: what travels between client and server. Public elements stay numbers. */
export interface TensorBytes {
  readonly shape: readonly number[];
  readonly images: number;
  /** Bounds of all elements. */
  readonly low: number;
  readonly high: number;
  readonly elements: readonly (Uint8Array | number)[];
}

/** What inputs may hold: `low` to `high`. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Encrypts a batch (client).
 * @param holder who has the key
 * @param images values of every image, row by row; at most `holder.maxImages`
 * @param shape of one image, with a batch axis of 1
 * @param range bounds of the values, which the server relies on for scales and masks
 * @returns bytes for the server
 * @throws HeLayerError for values outside of the range, or too many images
 */
export function encryptTensor(
  holder: KeyHolder,
  images: readonly ArrayLike<number>[],
  shape: readonly number[],
  range: ValueRange = { low: 0, high: 1 },
): TensorBytes {
  checkImages(holder, images, shape, range);
  const elements = Array.from({ length: sizeOf(shape) }, (_, i) =>
    holder.encrypt(images.map((image) => image[i])),
  );
  return { shape, images: images.length, ...range, elements };
}

/**
 * Encrypts a batch and reads it in the same process, element by element: never all bytes at once.
 * @param holder who has the key
 * @param arithmetic what computes, under the same parameters
 * @param images values of every image, row by row; at most `holder.maxImages`
 * @param shape of one image, with a batch axis of 1
 * @param range bounds of the values
 * @returns a tensor, to be disposed of
 * @throws HeLayerError for values outside of the range, or too many images
 */
export function encryptLocally<C extends object>(
  holder: KeyHolder,
  arithmetic: Arithmetic<C>,
  images: readonly ArrayLike<number>[],
  shape: readonly number[],
  range: ValueRange = { low: 0, high: 1 },
): EncryptedTensor<C> {
  checkImages(holder, images, shape, range);
  const size = sizeOf(shape);
  const made: C[] = [];
  try {
    for (let i = 0; i < size; i++)
      made.push(arithmetic.importCiphertext(holder.encrypt(images.map((image) => image[i]))));
    const interval = uniformInterval(size, range.low, range.high);
    return EncryptedTensor.of(arithmetic, shape, images.length, interval, made);
  } catch (error) {
    for (const ciphertext of made) arithmetic.free(ciphertext);
    throw error;
  }
}

function checkImages(
  holder: KeyHolder,
  images: readonly ArrayLike<number>[],
  shape: readonly number[],
  range: ValueRange,
): void {
  const size = sizeOf(shape);
  if (images.length < 1 || images.length > holder.maxImages)
    throw new HeLayerError(`A tensor holds 1 to ${holder.maxImages} images here, not ${images.length}.`);
  images.forEach((image, at) => {
    if (image.length !== size)
      throw new HeLayerError(`Image ${at} has ${image.length} values; [${shape.join(', ')}] takes ${size}.`);
    for (let i = 0; i < size; i++)
      if (!(image[i] >= range.low && image[i] <= range.high))
        throw new HeLayerError(
          `Image ${at} holds ${image[i]}, which is not from ${range.low} to ${range.high}.`,
        );
  });
}

/**
 * Decrypts a batch (client): the values of every image.
 * @param holder who has the key
 * @param tensor the server's answer
 * @returns values of each image, row by row
 */
export function decryptTensor(holder: KeyHolder, tensor: TensorBytes): Float64Array[] {
  const results = Array.from({ length: tensor.images }, () => new Float64Array(tensor.elements.length));
  tensor.elements.forEach((element, i) => {
    const values = typeof element === 'number' ? undefined : holder.decrypt(element);
    results.forEach((result, image) => {
      result[i] = values === undefined ? (element as number) : values[image];
    });
  });
  return results;
}

/**
 * Reads a tensor (server). Every byte is checked.
 * @param arithmetic what is going to compute with it
 * @param bytes from the client
 * @returns a tensor, to be disposed of
 * @throws HeLayerError for shapes, images or bounds that make no sense; HeFormatError or RlweFormatError for ciphertexts
 */
export function importTensor<C extends object>(
  arithmetic: Arithmetic<C>,
  { shape, images, low, high, elements }: TensorBytes,
): EncryptedTensor<C> {
  if (images < 1 || images > arithmetic.maxImages)
    throw new HeLayerError(`A tensor holds 1 to ${arithmetic.maxImages} images here, not ${images}.`);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
    throw new HeLayerError(`Bounds of ${low} and ${high} make no sense.`);
  const read: Element<C>[] = [];
  try {
    for (const element of elements)
      read.push(typeof element === 'number' ? element : arithmetic.importCiphertext(element));
    return EncryptedTensor.of(arithmetic, shape, images, uniformInterval(elements.length, low, high), read);
  } catch (error) {
    for (const element of read) if (typeof element === 'object') arithmetic.free(element);
    throw error;
  }
}

/**
 * A tensor as bytes (server).
 * @param tensor stays as it is
 * @returns bytes for the client
 */
export function exportTensor<C extends object>(tensor: EncryptedTensor<C>): TensorBytes {
  const { arithmetic, shape, images, interval } = tensor;
  return {
    shape,
    images,
    low: interval.low.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    high: interval.high.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    elements: tensor.elements.map((element) =>
      typeof element === 'number' ? element : arithmetic.exportCiphertext(element),
    ),
  };
}
