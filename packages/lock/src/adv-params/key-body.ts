/**
 * What a key of AdvParams holds: where weights were changed, the bits that they had and the bits that they have. A change is
 * stored as bits, not as a difference: in floating point a difference does not always lead back.
 *
 * In JSON bits are hexadecimal digits, the first the most significant. As bytes, all integers little-endian:
 *
 *     layers (2 bytes), and for each: length of the name (2), name (UTF-8), type (1: the place in TYPES), rank (1),
 *     sizes (4 each), changes (4), and for each: index (4), bits before, bits after (as many bytes as the type has)
 */
import { type Json, type KeyKind, keyFormat } from '../keys/key.js';
import type { Change } from './layer.js';
import { FLOAT_BYTES, type FloatType, isFloatType, readBits, writeBits } from './number-bits.js';

/** A layer with weights that were changed. */
export interface LockedLayer {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  /** At least one, by rising index; indices count row-major. */
  readonly changes: readonly Change[];
}

/** The body of a key. */
export interface AdvParamsBody {
  readonly layers: readonly LockedLayer[];
}

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];
const BITS = /^[0-9a-f]+$/;
const MAX_RANK = 32;

/** How keys of AdvParams are written, for `writeKey` and `readKey`. */
export const advParamsKey: KeyKind<AdvParamsBody> = {
  kind: 'adv-params',
  toJson: ({ layers }) => ({
    layers: layers.map(({ name, type, shape, changes }) => ({
      name,
      type,
      shape: [...shape],
      changes: changes.map(({ index, original, locked }) => [index, hex(original, type), hex(locked, type)]),
    })),
  }),
  fromJson: (json) => {
    const { layers } = fields(json, 'its body', ['layers']);
    if (!Array.isArray(layers)) throw keyFormat('its layers are no list');
    return checked(layers.map(layerFromJson));
  },
  toBytes: ({ layers }) => Buffer.concat([integer(layers.length, 2), ...layers.flatMap(layerToBytes)]),
  fromBytes: (bytes) => {
    const reader = new Reader(bytes);
    const layers = Array.from({ length: reader.integer(2) }, () => layerFromBytes(reader));
    if (reader.left > 0) throw keyFormat('its body goes on after its end');
    return checked(layers);
  },
};

const hex = (bits: bigint, type: FloatType): string => bits.toString(16).padStart(2 * FLOAT_BYTES[type], '0');

/** What holds in either form. */
function checked(layers: readonly LockedLayer[]): AdvParamsBody {
  if (layers.length === 0) throw keyFormat('it names no layer');
  if (new Set(layers.map(({ name }) => name)).size < layers.length) throw keyFormat('it names a layer twice');
  for (const { name, shape, changes } of layers) {
    const where = JSON.stringify(name.slice(0, 80));
    const size = shape.reduce((a, b) => a * b, 1);
    if (changes.length === 0) throw keyFormat(`${where} has no changes`);
    changes.forEach(({ index, original, locked }, i) => {
      if (index >= size || (i > 0 && index <= changes[i - 1].index) || original === locked)
        throw keyFormat(`change ${i} of ${where} is none of a tensor of ${size} numbers`);
    });
  }
  return { layers };
}

function layerFromJson(json: Json): LockedLayer {
  const { name, type, shape, changes } = fields(json, 'a layer', ['name', 'type', 'shape', 'changes']);
  if (typeof name !== 'string') throw keyFormat('a layer has no name');
  const where = JSON.stringify(name.slice(0, 80));
  if (typeof type !== 'string' || !isFloatType(type)) throw keyFormat(`${where} has no type that is known`);
  if (!Array.isArray(shape) || !shape.every(isSize) || shape.length > MAX_RANK)
    throw keyFormat(`${where} has no shape`);
  if (!Array.isArray(changes)) throw keyFormat(`${where} has no list of changes`);
  const digits = 2 * FLOAT_BYTES[type];
  const isBits = (text: Json | undefined): text is string =>
    typeof text === 'string' && text.length === digits && BITS.test(text);
  const read = changes.map((entry: Json, i): Change => {
    const [index, original, locked, ...more] = Array.isArray(entry) ? (entry as readonly Json[]) : [];
    if (!isSize(index) || !isBits(original) || !isBits(locked) || more.length > 0)
      throw keyFormat(`change ${i} of ${where} is damaged`);
    return { index, original: BigInt(`0x${original}`), locked: BigInt(`0x${locked}`) };
  });
  return { name, type, shape: shape as number[], changes: read };
}

const isSize = (size: Json | undefined): size is number =>
  typeof size === 'number' && Number.isInteger(size) && size >= 0 && size < 2 ** 32;

function fields(json: Json, what: string, names: readonly string[]): Readonly<Record<string, Json>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw keyFormat(`${what} is no object`);
  const unknown = Object.keys(json).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw keyFormat(`${what} has an unknown entry ${JSON.stringify(unknown.slice(0, 40))}`);
  return json as Readonly<Record<string, Json>>;
}

function integer(value: number, size: 1 | 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return bytes;
}

function layerToBytes({ name, type, shape, changes }: LockedLayer): Uint8Array[] {
  const text = Buffer.from(name);
  const size = FLOAT_BYTES[type];
  const rows = changes.map(({ index, original, locked }) => {
    const row = new Uint8Array(4 + 2 * size);
    row.set(integer(index, 4));
    writeBits(row.subarray(4), 0, type, original);
    writeBits(row.subarray(4), 1, type, locked);
    return row;
  });
  return [
    integer(text.length, 2),
    text,
    integer(TYPES.indexOf(type), 1),
    integer(shape.length, 1),
    ...shape.map((dim) => integer(dim, 4)),
    integer(rows.length, 4),
    ...rows,
  ];
}

function layerFromBytes(reader: Reader): LockedLayer {
  const name = reader.text(reader.integer(2));
  const type = TYPES.at(reader.integer(1));
  if (type === undefined) throw keyFormat(`${JSON.stringify(name.slice(0, 80))} has no type that is known`);
  const shape = Array.from({ length: Math.min(reader.integer(1), MAX_RANK + 1) }, () => reader.integer(4));
  const size = FLOAT_BYTES[type];
  const count = reader.integer(4);
  // Before anything of that size is made: a damaged count must not eat memory.
  if (count * (4 + 2 * size) > reader.left) throw keyFormat('it is cut off');
  const changes = Array.from({ length: count }, () => {
    const index = reader.integer(4);
    const bits = reader.bytes(2 * size);
    return { index, original: readBits(bits, 0, type), locked: readBits(bits, 1, type) };
  });
  return { name, type, shape, changes };
}

/** Bytes, one part after the other. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Buffer {
    if (count > this.left) throw keyFormat('it is cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  integer(size: 1 | 2 | 4): number {
    return this.bytes(size).readUIntLE(0, size);
  }

  text(length: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes(length));
    } catch (cause) {
      throw keyFormat('a name is no text', { cause });
    }
  }
}
