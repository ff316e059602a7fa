/**
 * The inner loops of the transforms, over one piece of memory. Each is called with arrays of one type only, and so stays
 * the loop over that type which the engine makes of it: one for all types takes five times as long.
 */
import { TransformPixelsError } from './errors.js';
import { FFX_DOMAIN } from './ffx.js';

/** A piece of images: where it begins in them and in the table of its strip, and how long it is. */
export interface Piece {
  /** Where the strip begins. */
  readonly strip: number;
  readonly begin: number;
  readonly table: number;
  readonly length: number;
}

const LARGEST = FFX_DOMAIN - 1;
/** How far from a whole number a scaled pixel may be: more than single precision errs by, less than what was scaled otherwise. */
const NEAR = 1 / 64;

/** out[i] = data[strip + from[i]], bytes. */
export function gatherBytes(out: Uint8Array, data: Uint8Array, from: Uint32Array, piece: Piece): void {
  const { strip, begin, table, length } = piece;
  for (let i = 0; i < length; i++) out[begin + i] = data[strip + from[table + i]];
}

/** The same of words of 32 bits, which are not looked at: those of any number, NaN with them. */
export function gatherWords(out: Uint32Array, data: Uint32Array, from: Uint32Array, piece: Piece): void {
  const { strip, begin, table, length } = piece;
  for (let i = 0; i < length; i++) out[begin + i] = data[strip + from[table + i]];
}

/** Bits of out turned round where those of the mask are 1, in words of four bytes: pieces are whole ones. */
export function flipWords(out: Uint32Array, mask: Uint32Array, piece: Piece): void {
  const [begin, table, length] = [piece.begin / 4, piece.table / 4, piece.length / 4];
  for (let i = 0; i < length; i++) out[begin + i] ^= mask[table + i];
}

/** out[i] = 1 - x where the mask is 1. */
export function flipFloats(out: Float32Array, data: Float32Array, mask: Uint8Array, piece: Piece): void {
  const { begin, table, length } = piece;
  for (let i = 0; i < length; i++) {
    const x = data[begin + i];
    if (!(x >= 0 && x <= 1)) throw notFromZeroToOne(x, begin + i);
    out[begin + i] = mask[table + i] === 0 ? x : 1 - x;
  }
}

/**
 * What becomes of a pixel: 256 values where nothing is done, and 256 where it is encrypted.
 * @param forward the table of the key
 * @returns 512 numbers from 0 to 1
 */
export const encryptedValues = (forward: Uint16Array): Float32Array =>
  Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? i : forward[i - 256]) / LARGEST);

/** Values of bytes. */
export function encryptBytes(
  out: Float32Array,
  data: Uint8Array,
  values: Float32Array,
  mask: Uint8Array,
  piece: Piece,
): void {
  const { begin, table, length } = piece;
  for (let i = 0; i < length; i++) out[begin + i] = values[(mask[table + i] << 8) | data[begin + i]];
}

/** Values of bytes that were divided by 255. */
export function encryptFloats(
  out: Float32Array,
  data: Float32Array,
  values: Float32Array,
  mask: Uint8Array,
  piece: Piece,
): void {
  const { begin, table, length } = piece;
  for (let i = 0; i < length; i++) {
    const scaled = 255 * data[begin + i];
    const p = Math.floor(scaled + 0.5);
    const off = scaled - p;
    if (!(p >= 0 && p <= 255 && off <= NEAR && off >= -NEAR)) throw noPixel(data[begin + i], begin + i);
    out[begin + i] = values[(mask[table + i] << 8) | p];
  }
}

/** Bytes from values; `inverse` is the table of the key. */
export function decryptFloats(
  out: Uint8Array,
  data: Float32Array,
  inverse: Uint16Array,
  mask: Uint8Array,
  piece: Piece,
): void {
  const { begin, table, length } = piece;
  for (let i = 0; i < length; i++) {
    const scaled = LARGEST * data[begin + i];
    const code = Math.floor(scaled + 0.5);
    const off = scaled - code;
    if (!(code >= 0 && code <= LARGEST && off <= NEAR && off >= -NEAR))
      throw notMadeByKey(data[begin + i], begin + i);
    const p = mask[table + i] === 0 ? code : inverse[code];
    if (p > 255) throw notMadeByKey(data[begin + i], begin + i);
    out[begin + i] = p;
  }
}

function noPixel(x: number, at: number): TransformPixelsError {
  if (!(x >= 0 && x <= 1)) return notFromZeroToOne(x, at);
  return new TransformPixelsError(
    `pixel ${at} is ${x}, no multiple of 1/255: encryption takes the pixels of a file, before anything is done to them`,
  );
}

const notFromZeroToOne = (x: number, at: number): TransformPixelsError =>
  new TransformPixelsError(
    `pixel ${at} is ${x}, not from 0 to 1: transform before images are standardised, and divide bytes by 255`,
  );

const notMadeByKey = (x: number, at: number): TransformPixelsError =>
  new TransformPixelsError(
    `pixel ${at} is ${x}, which this key makes of no pixel: another key, or other images`,
  );
