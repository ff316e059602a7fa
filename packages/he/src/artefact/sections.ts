/** A JSON header with typed arrays after it: the payload of an artefact. Little-endian, arrays aligned to 8 bytes. */
import { HeArtefactError } from './errors.js';

export type SectionArray = Int32Array | Float64Array;

/** What stands for an array in the header. */
interface Reference {
  readonly $array: 'i32' | 'f64';
  readonly offset: number;
  readonly length: number;
}

/** Serialises a value of plain objects, lists, numbers, strings and typed arrays (Int32Array, Float64Array). */
export function encodeSections(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: SectionArray[] = [];
  let size = 0;
  const header = JSON.stringify(value, (_, item: unknown) => {
    if (!(item instanceof Int32Array || item instanceof Float64Array)) return item;
    const reference: Reference = {
      $array: item instanceof Int32Array ? 'i32' : 'f64',
      offset: size,
      length: item.length,
    };
    arrays.push(item);
    size += Math.ceil(item.byteLength / 8) * 8;
    return reference;
  });
  const text = new TextEncoder().encode(header);
  const start = Math.ceil((4 + text.length) / 8) * 8;
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = start;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += Math.ceil(array.byteLength / 8) * 8;
  }
  return bytes;
}

/** @throws HeArtefactError (code HE_ARTEFACT) for bytes that `encodeSections` did not make */
export function decodeSections(bytes: Uint8Array): unknown {
  if (bytes.length < 4) throw new HeArtefactError('The artefact is truncated.');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const start = Math.ceil((4 + length) / 8) * 8;
  if (start > bytes.length) throw new HeArtefactError('The artefact is truncated.');
  // A copy (Buffer.slice would be a view), so that arrays are aligned whatever the bytes were part of.
  const body = new Uint8Array(bytes.subarray(start));
  try {
    return JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length)),
      (_, item) => (isReference(item) ? resolve(item, body) : item),
    );
  } catch (error) {
    if (error instanceof HeArtefactError) throw error;
    throw new HeArtefactError('The artefact is damaged: its header is no JSON.', { cause: error });
  }
}

function isReference(item: unknown): item is Reference {
  return typeof item === 'object' && item !== null && '$array' in item;
}

function resolve({ $array, offset, length }: Reference, body: Uint8Array<ArrayBuffer>): SectionArray {
  const width = $array === 'f64' ? 8 : 4;
  const inside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    offset % 8 === 0 &&
    length >= 0 &&
    offset + length * width <= body.length;
  if (!inside) throw new HeArtefactError('The artefact is damaged: an array lies outside of it.');
  return $array === 'f64'
    ? new Float64Array(body.buffer, offset, length)
    : new Int32Array(body.buffer, offset, length);
}
