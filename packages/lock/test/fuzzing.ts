/** Nearly right models and keys: each is read as it was, or refused with a code of ours. */
import { TacitError } from '@tacit/errors';
import { fuzzRuns, mutated, randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import {
  decodeKey,
  deepLock,
  deepLockKey,
  deepUnlock,
  encodeKey,
  inspectKey,
  looksLikeKey,
  readMark,
  readWeights,
  weightsHash,
  writeWeights,
} from '../src/index.js';
import { modelOf, type TestTensor } from './helpers/models.js';

const tensor = (name: string, dataType: number, bytes: number, more: Partial<TestTensor>): TestTensor => ({
  name,
  dataType,
  shape: [2, 2],
  bytes: Uint8Array.from({ length: bytes }, (_, i) => i * 37),
  ...more,
});
const MODEL = modelOf([
  tensor('raw', 1, 16, {}),
  tensor('packed', 10, 8, { storage: 'packed' }),
  tensor('single', 3, 4, { storage: 'single' }),
]);

/** What was thrown, if it is no error of ours. */
async function accident(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof TacitError)) return error;
  }
  return undefined;
}

/**
 * Adds the tests.
 * @param usual how many inputs each makes
 */
export function fuzzLocks(usual: number): void {
  const runs = fuzzRuns(usual);
  const PROFILES = [{}, { profile: 'paper' }, { profile: 'paper', quantised: true }] as const;

  describe(`models and keys that are nearly right, ${runs} of each`, function () {
    this.timeout(0);

    it('are read, and their weights replaced, or they are refused', async () => {
      for (let i = 0; i < runs; i++) {
        const file = mutated(MODEL);
        const act = (): void => {
          const weights = readWeights(file);
          readMark(file);
          const flipped = new Map(weights.map(({ name, bytes }) => [name, bytes.map((byte) => ~byte)]));
          const changed = writeWeights(file, flipped);
          const found = readWeights(changed);
          for (const { name, bytes } of found) expect([...bytes]).deep.equal([...(flipped.get(name) ?? [])]);
          const back = writeWeights(changed, new Map(weights.map(({ name, bytes }) => [name, bytes])));
          expect(weightsHash(back)).equal(weightsHash(file));
        };
        expect(await accident(act), Buffer.from(file).toString('hex')).equal(undefined);
      }
    });

    it('give the model as it was, or nothing', async () => {
      const locked = await Promise.all(PROFILES.map((options) => deepLock(MODEL, options)));
      for (let i = 0; i < runs / 4; i++) {
        const { file, key, original } = locked[randomInteger(locked.length)];
        const bad = mutated(file);
        const act = async (): Promise<void> => {
          expect(weightsHash(await deepUnlock(bad, key))).equal(weightsHash(original));
        };
        expect(await accident(act), Buffer.from(bad).toString('hex')).equal(undefined);
      }
    });

    it('are the key, or none', async () => {
      const { key } = await deepLock(MODEL);
      const options = [{ form: 'json' }, { form: 'binary' }] as const;
      const scrypt = { n: 2, r: 1, p: 1 };
      const files = await Promise.all(
        options.flatMap((form) => [
          encodeKey(deepLockKey, key, form),
          encodeKey(deepLockKey, key, { ...form, passphrase: 'x', scrypt }),
        ]),
      );
      for (let i = 0; i < runs / 4; i++) {
        const bad = mutated(files[randomInteger(files.length)]);
        const act = async (): Promise<void> => {
          looksLikeKey(bad);
          inspectKey(bad);
          // Costs of scrypt that a mutation made great, within bounds, would only take time.
          if (/"n": ?[3-9]|"n": ?\d\d|"r": ?[^1]|"r": ?\d\d/.test(Buffer.from(bad).toString('latin1')))
            return;
          const found = await decodeKey(deepLockKey, bad, { passphrase: 'x' });
          expect({ ...found, body: [...found.body.secret] }).deep.equal({
            ...key,
            body: [...key.body.secret],
          });
        };
        expect(await accident(act), Buffer.from(bad).toString('hex')).equal(undefined);
      }
    });
  });
}
