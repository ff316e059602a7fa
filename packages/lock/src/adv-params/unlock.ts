/** Gives a model that was locked by AdvParams back as it was. */
import { LockError, LockKeyError } from '../errors.js';
import { type LockKey, requireKeyOf } from '../keys/key.js';
import { readWeights, type Weight, weightsHash, writeWeights } from '../weights/index.js';
import type { AdvParamsBody, LockedLayer } from './key-body.js';
import { readBits, writeBits } from './number-bits.js';

/**
 * Gives a locked model back as it was, bit for bit, after everything was checked: that the file is the one that the key
 * locked, that each weight has the bits that it was given, and that what comes out is the model as it was.
 * @param locked the bytes of the locked ONNX file
 * @param key what unlocks it; its changes may be in any order
 * @returns the bytes of the file that was locked
 * @throws LockKeyError (`LOCK_KEY_MODEL`) where the key is of another kind or model, or the model is not locked; LockError
 * (`LOCK_DAMAGED`) where weights were changed after it was locked, or the key was
 * @throws as `readWeights` for the file
 * @example const model = unlockAdvParams(await readFile('locked.onnx'), key);
 */
export function unlockAdvParams(locked: Uint8Array, key: LockKey<AdvParamsBody>): Uint8Array {
  const weights = new Map(readWeights(locked).map((weight) => [weight.name, weight]));
  const { layers } = key.body;
  if (key.kind === 'adv-params' && key.model) {
    const hash = weightsHash([...weights.values()]);
    const itself = hash === key.model.locked || hash === key.model.original;
    if (!itself && meets(weights, layers))
      throw new LockError(
        'LOCK_DAMAGED',
        'the model is the one that the key locked, but weights were changed after that; nothing was written',
      );
  }
  const { original } = requireKeyOf(key, 'adv-params', locked);
  const replacements = new Map<string, Uint8Array>();
  for (const layer of layers) replacements.set(layer.name, restored(weights.get(layer.name), layer));
  const unlocked = writeWeights(locked, replacements);
  if (weightsHash(unlocked) !== original)
    throw new LockError(
      'LOCK_DAMAGED',
      'the weights that the key gives back are not those that were locked: the key was changed; nothing was written',
    );
  return unlocked;
}

const fits = (weight: Weight | undefined, { type, shape }: LockedLayer): weight is Weight =>
  weight !== undefined && weight.type === type && String(weight.shape) === String(shape);

/** Whether a model has the layers of a key, and most of the bits that it locked: those of another model are others. */
function meets(weights: ReadonlyMap<string, Weight>, layers: readonly LockedLayer[]): boolean {
  let [same, all] = [0, 0];
  for (const layer of layers) {
    const weight = weights.get(layer.name);
    if (!fits(weight, layer)) return false;
    all += layer.changes.length;
    for (const { index, locked } of layer.changes)
      if (readBits(weight.bytes, index, layer.type) === locked) same++;
  }
  return same > all / 2;
}

function restored(weight: Weight | undefined, layer: LockedLayer): Uint8Array {
  const { name, type, shape, changes } = layer;
  if (!fits(weight, layer))
    throw new LockKeyError(
      'LOCK_KEY_MODEL',
      `the key is of another model, with a weight ${JSON.stringify(name)} of the type ${type} and the shape [${shape.join(', ')}]`,
    );
  const bytes = Uint8Array.from(weight.bytes);
  for (const { index, original, locked } of changes) {
    if (readBits(bytes, index, type) !== locked)
      throw new LockError(
        'LOCK_DAMAGED',
        `the key says what weight ${index} of ${JSON.stringify(name)} was locked to, and it is something else; nothing was written`,
      );
    writeBits(bytes, index, type, original);
  }
  return bytes;
}
