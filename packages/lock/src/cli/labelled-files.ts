/** Images and labels of .npy files. */
import { type NpyArray, NpyFormatError, npyNumbers, parseNpy, readWhole } from '@tacit/files';
import type { LabelledData } from '../classifier/examples.js';

/** Bytes of pixels go up to this. */
const BYTE_SCALE = 255;

/** Data, and what to say of it. */
export interface LabelledFiles extends LabelledData {
  /** E.g. `500 of [28, 28], uint8, divided by 255`. */
  readonly description: string;
}

/**
 * Reads images and labels.
 * @param images path of the images
 * @param labels path of the labels
 * @param scale what images are divided by; by default 255 where they are bytes, otherwise 1
 * @returns both, in memory
 * @throws FileError, NpyFormatError naming the file
 */
export async function readLabelled(
  images: string,
  labels: string,
  scale: number | undefined,
): Promise<LabelledFiles> {
  const pictures = await readArray(images);
  const classes = await readArray(labels);
  const divisor = scale ?? (pictures.dtype === 'uint8' ? BYTE_SCALE : 1);
  const data = numbersOf(pictures, images);
  const scaled = divisor === 1 ? data : data.map((value) => value / divisor);
  const why = scale === undefined && divisor !== 1 ? ' (another number: --scale)' : '';
  const [count = 0, ...shape] = pictures.shape;
  return {
    images: { shape: pictures.shape, data: scaled },
    labels: { shape: classes.shape, data: numbersOf(classes, labels) },
    description: `${count} of [${shape.join(', ')}], ${pictures.dtype}, ${divisor === 1 ? 'as they are' : `divided by ${divisor}${why}`}`,
  };
}

async function readArray(path: string): Promise<NpyArray> {
  const bytes = await readWhole(path);
  return named(path, () => parseNpy(bytes));
}

const numbersOf = (array: NpyArray, path: string): Float64Array => named(path, () => npyNumbers(array));

function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NpyFormatError) throw new NpyFormatError(`${path}: ${error.message}`);
    throw error;
  }
}
