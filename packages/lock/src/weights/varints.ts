/**
 * Integers as protobuf writes them in repeated fields (varints), from and to little-endian bytes. Bits are kept, so no
 * value passes through a number of JavaScript: 64 bits are two halves.
 */
import { OnnxFormatError } from '@tacit/onnx/protobuf';

/**
 * Reads varints.
 * @param bytes one varint after the other
 * @param width how many bytes of each are kept: 1, 2, 4 or 8
 * @param label the tensor, in errors
 * @returns the bytes of all of them
 * @throws OnnxFormatError where one is cut off or longer than 64 bits
 */
export function decodeVarints(bytes: Uint8Array, width: number, label: string): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  const out = new Uint8Array(count * width);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (shift > 63) throw new OnnxFormatError(`Not a valid ONNX model: an integer of ${label} has no end.`);
      const seven = byte & 0x7f;
      if (shift < 28) low |= seven << shift;
      else if (shift === 28) {
        low |= seven << 28;
        high |= seven >> 4;
      } else high |= seven << (shift - 32);
      if (byte < 0x80) break;
    }
    for (let b = 0; b < width; b++) out[i * width + b] = b < 4 ? low >>> (8 * b) : high >>> (8 * (b - 4));
  }
  if (at !== bytes.length)
    throw new OnnxFormatError(`Not a valid ONNX model: an integer of ${label} is cut off.`);
  return out;
}

/**
 * Writes varints, each as short as it can be.
 * @param bytes little-endian integers of `width` bytes
 * @param width bytes of each: 1, 2, 4 or 8
 * @param signed whether they have a sign, which protobuf extends to 64 bits
 * @returns the varints, one after the other
 */
export function encodeVarints(bytes: Uint8Array, width: number, signed: boolean): Uint8Array {
  const out = new Uint8Array((bytes.length / width) * 10);
  let end = 0;
  for (let at = 0; at < bytes.length; at += width) {
    let low = 0;
    let high = 0;
    for (let b = 0; b < width; b++)
      if (b < 4) low |= bytes[at + b] << (8 * b);
      else high |= bytes[at + b] << (8 * (b - 4));
    if (signed && width < 8 && bytes[at + width - 1] & 0x80) {
      if (width < 4) low |= -1 << (8 * width);
      high = -1;
    }
    for (;;) {
      const seven = low & 0x7f;
      low = (low >>> 7) | (high << 25);
      high >>>= 7;
      const more = low !== 0 || high !== 0;
      out[end++] = more ? seven | 0x80 : seven;
      if (!more) break;
    }
  }
  return out.subarray(0, end);
}

/**
 * One varint.
 * @param value a whole number that is not negative, below 2^53
 * @returns its bytes
 */
export function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
  return Uint8Array.from(out);
}
