/** Images in memory: how they lie, and where the numbers of a block are. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { type BlockSize, blockLength } from './block-key.js';

/** Bytes 0 to 255, or numbers from 0 to 1 in single precision. */
export type Pixels = Uint8Array | Float32Array;

/** Order of the axes of one image: channels first, channels last, one channel without an axis. */
export const IMAGE_LAYOUTS = ['CHW', 'HWC', 'HW'] as const;
/** Order of the axes of one image. */
export type ImageLayout = (typeof IMAGE_LAYOUTS)[number];

/** One image, or a batch of images along a first axis of its own. */
export interface Images<T extends Pixels = Pixels> {
  /** Sizes of the axes: those of the layout, or the number of images and those of the layout. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: T;
  /** Default 'CHW'. */
  readonly layout?: ImageLayout;
}

/** Sizes of checked images. */
export interface Geometry {
  readonly layout: ImageLayout;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Sizes of images.
 * @param images what was given
 * @param block side of a block, which has to divide height and width
 * @returns the sizes
 * @throws ArgumentError for what are no images
 * @throws ShapeError where numbers do not fill the shape, or blocks the images
 */
export function geometryOf({ shape, data, layout = 'CHW' }: Images, block: BlockSize): Geometry {
  if (!IMAGE_LAYOUTS.includes(layout))
    throw new ArgumentError(`layout is one of ${IMAGE_LAYOUTS.join(', ')}, not ${JSON.stringify(layout)}`);
  if (!(data instanceof Uint8Array || data instanceof Float32Array))
    throw new ArgumentError('pixels are a Uint8Array, or a Float32Array from 0 to 1');
  const axes = layout.length;
  if (
    !Array.isArray(shape) ||
    !shape.every((d) => Number.isSafeInteger(d) && d >= 0) ||
    (shape.length !== axes && shape.length !== axes + 1)
  )
    throw new ShapeError(
      `images in the layout ${layout} have the shape [${[...layout].join(', ')}] or [N, ${[...layout].join(', ')}], not ${JSON.stringify(shape)}`,
    );
  const [count, ...one] = shape.length === axes ? [1, ...shape] : shape;
  if (data.length !== one.reduce((product, d) => product * d, count))
    throw new ShapeError(`${data.length} pixels do not fill the shape [${shape}]`);
  const size = (axis: string): number => one[layout.indexOf(axis)] ?? 1;
  const [channels, height, width] = ['C', 'H', 'W'].map(size);
  for (const [name, side] of Object.entries({ height, width }))
    if (side % block !== 0)
      throw new ShapeError(
        `blocks of ${block} do not divide a ${name} of ${side}: pad or crop the images to ${Math.floor(side / block) * block} or ${Math.ceil(side / block) * block}`,
      );
  return { layout, count, channels, height, width };
}

/**
 * A strip of blocks: the smallest part of an image that a transform maps to itself and that lies in memory in few pieces,
 * one for each plane.
 */
export interface Strip {
  /** Pieces of a strip, which lie `planeSize` numbers apart. */
  readonly planes: number;
  readonly planeSize: number;
  /** Numbers in a piece. */
  readonly length: number;
  /** Strips in an image, one behind the other within each plane. */
  readonly count: number;
  /** Place in its block of each number, piece by piece. */
  readonly places: Uint32Array;
  /** Where, from the beginning of the strip, a place of the block to which number `at` of a piece belongs is. */
  source(at: number, place: number): number;
}

/**
 * The strips of images.
 * @param geometry sizes of the images
 * @param block side of a block
 * @returns where what is
 * @throws ShapeError where there are no channels, or too many
 */
export function stripsOf({ layout, channels, height, width }: Geometry, block: BlockSize): Strip {
  blockLength(block, channels);
  // Channels of a pixel lie side by side, or each in a plane of its own.
  const [planes, within] = layout === 'HWC' ? [1, channels] : [channels, 1];
  const row = width * within;
  const planeSize = height * row;
  const length = block * row;
  const places = new Uint32Array(planes * length);
  for (let plane = 0, to = 0; plane < planes; plane++)
    for (let i = 0; i < block; i++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < within; c++) places[to++] = (i * block + (x % block)) * channels + plane + c;
  return {
    planes,
    planeSize,
    length,
    count: height / block,
    places,
    source(at, place) {
      const left = Math.floor((at % row) / (block * within)) * block;
      const channel = place % channels;
      const pixel = Math.floor(place / channels);
      const [i, j] = [Math.floor(pixel / block), pixel % block];
      const [plane, inPixel] = within === 1 ? [channel, 0] : [0, channel];
      return plane * planeSize + i * row + (left + j) * within + inPixel;
    },
  };
}
