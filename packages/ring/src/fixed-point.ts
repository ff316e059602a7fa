// Real numbers as integers modulo 2^64: value * 2^fractionBits, two's complement. Rounding is to nearest with ties
// to even, and happens once, in both directions. A value that does not fit is an error, never a wrap.
import { BLOCK, type Core, checkInteger, checkLength } from './core.js';
import { EncodeRangeError } from './errors.js';
import type { Words } from './words.js';

export interface EncodeOptions {
  /** Values must be below 2^integerBits in magnitude. Default 62 - fractionBits. */
  readonly integerBits?: number;
}

export type FloatArray = Float32Array | Float64Array;

/** Encodes numbers into `out`, or only looks whether they fit. Throws EncodeRangeError; what `out` holds then is undefined. */
export function encode(
  core: Core,
  out: Words | undefined,
  values: ArrayLike<number>,
  fractionBits: number,
  options: EncodeOptions = {},
): void {
  checkInteger('fractionBits', fractionBits, 0, 62);
  const integerBits = options.integerBits ?? 62 - fractionBits;
  checkInteger('integerBits', integerBits, 0, 63 - fractionBits);
  if (out) checkLength('encode: out', out.length, values.length);
  const scale = 2 ** fractionBits;
  const limit = 2 ** (fractionBits + integerBits);
  const stage = new Float64Array(core.buffer, core.slots[1], BLOCK);
  for (let start = 0; start < values.length; start += BLOCK) {
    const count = Math.min(BLOCK, values.length - start);
    loadNumbers(stage, values, start, count);
    const bad = core.kernels.encode(core.slots[0], core.slots[1], count, scale, limit);
    if (bad >= 0) throw new EncodeRangeError(start + bad, values[start + bad], fractionBits, integerBits);
    out?.set(core.slotWords[0].subarray(0, count), start);
  }
}

function loadNumbers(stage: Float64Array, values: ArrayLike<number>, start: number, count: number): void {
  if (values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array)
    stage.set(values.subarray(start, start + count));
  else for (let i = 0; i < count; i++) stage[i] = values[start + i];
}

/** Decodes words as signed fixed point into `out`. */
export function decode(core: Core, out: FloatArray, words: Words, fractionBits: number): void {
  checkInteger('fractionBits', fractionBits, 0, 63);
  checkLength('decode: out', out.length, words.length);
  const scale = 2 ** -fractionBits;
  const single = out instanceof Float32Array;
  const result = single
    ? new Float32Array(core.buffer, core.slots[0], BLOCK)
    : new Float64Array(core.buffer, core.slots[0], BLOCK);
  for (let start = 0; start < words.length; start += BLOCK) {
    const count = Math.min(BLOCK, words.length - start);
    core.slotWords[1].set(words.subarray(start, start + count));
    if (single) core.kernels.decode32(core.slots[0], core.slots[1], count, scale);
    else core.kernels.decode64(core.slots[0], core.slots[1], count, scale);
    out.set(result.subarray(0, count), start);
  }
}
