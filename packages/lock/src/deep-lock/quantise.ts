/**
 * Symmetric quantisation of a tensor to 8 bits: a weight is a code from -127 to 127 times one scale for the whole tensor.
 * Deep-Lock then locks the codes and leaves the scale open, so that a locked weight is some code times the same scale:
 * nothing in the file tells it from a weight, and a wrong key gives weights in the right range and answers by chance.
 *
 * Quantising changes the model, once and for good: unlocking gives back the quantised weights bit for bit, not those of the
 * file that was locked. A key that changes bytes gives all 256 codes, so -128 times the scale has to be a number of the
 * type, too, and all 256 have to be different ones.
 */
import { ArgumentError } from '@tacit/errors';
import { LockError } from '../errors.js';
import { formatOf, numbersIn } from './formats.js';

/** A quantised tensor. */
export interface Quantised {
  /** Codes as bytes: two's complement. */
  readonly codes: Uint8Array;
  readonly scale: number;
}

/**
 * Quantises.
 * @param bytes elements of the tensor
 * @param type of them
 * @param name of the tensor, in errors
 * @returns codes and scale; a tensor of zeros has the scale 1/127
 * @throws ArgumentError where an element is infinite or not a number
 */
export function quantise(bytes: Uint8Array, type: string, name: string): Quantised {
  const format = requireFormat(type);
  const values = numbersIn(bytes, format);
  let largest = 0;
  for (const value of values) {
    if (!Number.isFinite(value))
      throw new ArgumentError(`the weight ${JSON.stringify(name)} holds ${value}, which cannot be quantised`);
    largest = Math.max(largest, Math.abs(value));
  }
  // Twice the least distance of two numbers of the type keeps codes apart; 128 of them stay below the largest.
  const scale =
    largest === 0 ? 1 / 127 : Math.min(Math.max(largest / 127, 2 * format.step), format.largest / 128);
  const codes = Uint8Array.from(values, (value) => Math.max(-127, Math.min(127, Math.round(value / scale))));
  return { codes, scale };
}

/**
 * The weights that codes stand for.
 * @param quantised codes and scale
 * @param type of the weights
 * @returns their bytes
 */
export function dequantise({ codes, scale }: Quantised, type: string): Uint8Array {
  const { bytes } = requireFormat(type);
  const table = tableOf(scale, type);
  const out = new Uint8Array(codes.length * bytes);
  codes.forEach((code, i) => {
    for (let b = 0; b < bytes; b++) out[i * bytes + b] = table[code * bytes + b];
  });
  return out;
}

/**
 * The codes of weights that `dequantise` made.
 * @param weights their bytes
 * @param scale of the tensor
 * @param type of the weights
 * @param name of the tensor, in errors
 * @returns the codes
 * @throws LockError (`LOCK_DAMAGED`) where a weight is no code times the scale
 */
export function codesOf(weights: Uint8Array, scale: number, type: string, name: string): Uint8Array {
  const format = requireFormat(type);
  const { bytes } = format;
  const table = tableOf(scale, type);
  const codes = Uint8Array.from(numbersIn(weights, format), (value) => Math.round(value / scale));
  codes.forEach((code, i) => {
    for (let b = 0; b < bytes; b++)
      if (weights[i * bytes + b] !== table[code * bytes + b])
        throw new LockError(
          'LOCK_DAMAGED',
          `element ${i} of ${JSON.stringify(name)} is not one that a quantised lock leaves: the file was changed after it was locked`,
        );
  });
  return codes;
}

/** The bytes of each code times the scale, by the code as a byte. */
function tableOf(scale: number, type: string): Uint8Array {
  const { bytes, write } = requireFormat(type);
  const table = new Uint8Array(256 * bytes);
  const view = new DataView(table.buffer);
  for (let code = 0; code < 256; code++) write(view, code * bytes, (code < 128 ? code : code - 256) * scale);
  return table;
}

function requireFormat(type: string) {
  const format = formatOf(type);
  if (!format) throw new ArgumentError(`weights of type ${type} are not quantised here`);
  return format;
}
