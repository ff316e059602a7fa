/**
 * One array of a .npz file, as numpy.savez and numpy.savez_compressed write it: a zip of .npy files. The archive is read by
 * fflate, which takes sizes from its directory and unpacks nothing but the array that was asked for; its checksum is
 * compared here, since fflate does not.
 */
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { ArrayFileError } from './errors.js';
import { npyNumbers, parseNpy } from './npy.js';
import { chosen, type Numbers } from './numbers.js';

/** What a file of that size may unpack to, at most; deflate does not reach it for numbers. */
const MOST_RATIO = 1100;

/**
 * Reads one array.
 * @param file the bytes of the file
 * @param key name of the array; may be left out where there is one
 * @returns shape and elements
 * @throws ArrayFileError where the archive is damaged, or has no such array
 * @throws NpyFormatError where the array is damaged, or not of numbers
 */
export function parseNpz(file: Uint8Array, key?: string): Numbers {
  const found: UnzipFileInfo[] = [];
  unzip(file, (info) => {
    found.push(info);
    return false;
  });
  const { name, originalSize } = chosen(
    found.map((info) => [info.name.replace(/\.npy$/, ''), info] as const),
    key,
  );
  if (originalSize > MOST_RATIO * file.length)
    throw new ArrayFileError(`'${name}' claims to unpack to ${originalSize} bytes`);
  const bytes = unzip(file, (info) => info.name === name)[name];
  if (bytes?.length !== originalSize || crc32(bytes) !== storedCrc(file, name))
    throw new ArrayFileError(`'${name}' was changed: its checksum is another one`);
  const array = parseNpy(bytes);
  return { shape: array.shape, data: npyNumbers(array) };
}

function unzip(file: Uint8Array, filter: (info: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(file, { filter });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new ArrayFileError(`this is not a .npz file, or it is damaged: ${reason}`, { cause });
  }
}

const DIRECTORY_ENTRY = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;

/** CRC-32 of a member, from the directory at the end of the archive (PKWARE's APPNOTE, 4.3.12). */
function storedCrc(file: Uint8Array, name: string): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) return undefined;
  let at = view.getUint32(end + 16, true);
  while (at + 46 <= end && view.getUint32(at, true) === DIRECTORY_ENTRY) {
    const length = view.getUint16(at + 28, true);
    const found = new TextDecoder().decode(file.subarray(at + 46, at + 46 + length));
    if (found === name) return view.getUint32(at + 16, true);
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return undefined;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
