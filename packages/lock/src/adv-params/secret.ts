/**
 * What a key of AdvParams holds: where weights were changed, the bits that they had and the bits that they have. A change is
 * stored as bits, not as a difference: in floating point a difference does not always lead back.
 */
import { LockError, LockKeyError } from '../errors.js';
import { readWeights, type Weight, weightsHash, writeWeights } from '../weights/index.js';
import type { Change } from './layer.js';
import { FLOAT_BYTES, type FloatType, isFloatType, readBits, writeBits } from './number-bits.js';

/** A layer with weights that were changed. */
export interface SecretLayer {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  /** At least one; indices count row-major, and none is there twice. */
  readonly changes: readonly Change[];
}

/** The contents of a key. */
export interface AdvParamsSecret {
  /** `weightsHash` of the model before it was locked. */
  readonly model: string;
  /** `weightsHash` of the locked model. */
  readonly locked: string;
  readonly layers: readonly SecretLayer[];
}

/**
 * The model with its own bits again, after everything was checked: that the file is the one that the key locked, that each
 * weight has the bits that it was given, and that what comes out is the model as it was.
 * @param locked the bytes of the locked ONNX file
 * @param secret contents of its key
 * @returns the bytes of the unlocked file, bit for bit those that were locked
 * @throws LockKeyError (`LOCK_KEY_MODEL`) where the key is of another model; LockError (`LOCK_STATE`) where the model is not
 * locked, (`LOCK_DAMAGED`) where weights were changed after it was locked, or the key was
 * @example const model = restore(await readFile('locked.onnx'), secret);
 */
export function restore(locked: Uint8Array, secret: AdvParamsSecret): Uint8Array {
  const weights = readWeights(locked);
  const hash = weightsHash(weights);
  if (hash === secret.model && hash !== secret.locked)
    throw new LockError('LOCK_STATE', 'the model is not locked: it has the weights that this key gives back');
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const replacements = new Map<string, Uint8Array>();
  for (const layer of secret.layers) replacements.set(layer.name, restored(byName.get(layer.name), layer));
  if (hash !== secret.locked)
    throw new LockError(
      'LOCK_DAMAGED',
      'weights of the model that the key does not name were changed after it was locked',
    );
  const unlocked = writeWeights(locked, replacements);
  if (weightsHash(unlocked) !== secret.model)
    throw new LockError('LOCK_DAMAGED', 'the weights that the key holds are not those that were locked');
  return unlocked;
}

function restored(weight: Weight | undefined, { name, type, shape, changes }: SecretLayer): Uint8Array {
  if (weight === undefined || weight.type !== type || String(weight.shape) !== String(shape))
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the key is of another model: it has a weight ${JSON.stringify(name)} of the type ${type} and the shape [${shape.join(', ')}]`,
    );
  const bytes = Uint8Array.from(weight.bytes);
  const differing = changes.filter(({ index, locked }) => readBits(bytes, index, type) !== locked);
  // Of a model with the same layers none has these bits; of the model itself, after some damage, most have.
  if (differing.length > changes.length / 2)
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the key is of another model: ${differing.length} of ${changes.length} weights of ${JSON.stringify(name)} are not as it locked them`,
    );
  if (differing.length > 0)
    throw new LockError(
      'LOCK_DAMAGED',
      `${differing.length} of ${changes.length} locked weights of ${JSON.stringify(name)} were changed after the model was locked`,
    );
  for (const { index, original } of changes) writeBits(bytes, index, type, original);
  return bytes;
}

const BITS = /^[0-9a-f]+$/;
const HASH = /^[0-9a-f]{64}$/;

/**
 * A secret as JSON: bits as hexadecimal digits, the first the most significant.
 * @param secret contents of a key
 * @returns plain objects
 */
export const secretToJson = ({ model, locked, layers }: AdvParamsSecret): object => ({
  model,
  locked,
  layers: layers.map(({ name, type, shape, changes }) => ({
    name,
    type,
    shape,
    changes: changes.map((change) => [change.index, hex(change.original, type), hex(change.locked, type)]),
  })),
});

const hex = (bits: bigint, type: FloatType): string => bits.toString(16).padStart(2 * FLOAT_BYTES[type], '0');

/**
 * Reads what `secretToJson` wrote; nothing in it is taken on trust.
 * @param json as parsed
 * @returns the secret
 * @throws LockKeyError (`LOCK_KEY_FORMAT`) where it is not one
 */
export function secretFromJson(json: unknown): AdvParamsSecret {
  const { model, locked, layers } = fields(json, 'the key');
  if (typeof model !== 'string' || !HASH.test(model)) throw damaged('the id of the model');
  if (typeof locked !== 'string' || !HASH.test(locked)) throw damaged('the id of the locked model');
  if (!Array.isArray(layers)) throw damaged('the layers');
  const read = layers.map(layerFromJson);
  if (new Set(read.map(({ name }) => name)).size < read.length)
    throw damaged('the layers: one is there twice');
  return { model, locked, layers: read };
}

function layerFromJson(json: unknown): SecretLayer {
  const { name, type, shape, changes } = fields(json, 'a layer');
  if (typeof name !== 'string') throw damaged('the name of a layer');
  const where = JSON.stringify(name);
  if (typeof type !== 'string' || !isFloatType(type)) throw damaged(`the type of ${where}`);
  const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) throw damaged(`the shape of ${where}`);
  if (!Array.isArray(changes) || changes.length === 0) throw damaged(`the changes of ${where}`);
  const size = shape.reduce((a: number, b: number) => a * b, 1);
  const digits = 2 * FLOAT_BYTES[type];
  const isBits = (text: unknown): text is string =>
    typeof text === 'string' && text.length === digits && BITS.test(text);
  const read = changes.map((entry: unknown): Change => {
    const [index, original, locked, ...more] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (!isSize(index) || index >= size || !isBits(original) || !isBits(locked) || more.length > 0)
      throw damaged(`a change of ${where}`);
    return { index, original: BigInt(`0x${original}`), locked: BigInt(`0x${locked}`) };
  });
  if (new Set(read.map(({ index }) => index)).size < read.length)
    throw damaged(`the changes of ${where}: a weight is there twice`);
  return { name, type, shape, changes: read };
}

function fields(json: unknown, what: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw damaged(what);
  return json as Record<string, unknown>;
}

const damaged = (what: string): LockKeyError =>
  new LockKeyError('LOCK_KEY_FORMAT', `the key is damaged at ${what}`);
