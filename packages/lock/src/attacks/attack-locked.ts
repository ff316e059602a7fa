/** The attacks on a locked file and its key, without the lock that made them. */
import type { AdvParamsBody } from '../adv-params/key-body.js';
import { isFloatType } from '../adv-params/number-bits.js';
import { unlockAdvParams } from '../adv-params/unlock.js';
import { Classifier } from '../classifier/classifier.js';
import type { LabelledData } from '../classifier/examples.js';
import type { LockKey } from '../keys/index.js';
import { readWeights } from '../weights/index.js';
import { type AttackOptions, type AttackReport, attackLock } from './run-attacks.js';

/**
 * Attacks a model that was locked before.
 * @param locked the bytes of the locked ONNX file
 * @param key what unlocks it
 * @param data examples, a tenth of which the attacker has
 * @param options which attacks, and what accuracy is measured on
 * @returns what they came to
 * @throws as `unlockAdvParams` where the key is not that of the file, and as `attackLock`
 * @example const { prune } = await attackLocked(await readFile('locked.onnx'), key, data, { attacks: ['prune'] });
 */
export async function attackLocked(
  locked: Uint8Array,
  key: LockKey<AdvParamsBody>,
  data: LabelledData,
  options: AttackOptions,
): Promise<AttackReport> {
  const model = unlockAdvParams(locked, key);
  const changed = key.body.layers.reduce((sum, { changes }) => sum + changes.length, 0);
  const weights = await lockableWeights(model, options);
  return attackLock(model, { locked, key, report: { weights, changed } }, data, options);
}

/** How many weights the lock could have changed. */
async function lockableWeights(model: Uint8Array, options: AttackOptions): Promise<number> {
  const classifier = new Classifier(model, { ...options, threads: 0 });
  try {
    const lockable = new Set(classifier.weights);
    return readWeights(model)
      .filter(({ name, type }) => lockable.has(name) && isFloatType(type))
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  } finally {
    await classifier.close();
  }
}
