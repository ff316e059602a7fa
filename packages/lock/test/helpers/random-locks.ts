/** Models and locks at random, each undone. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { FloatType } from '../../src/adv-params/number-bits.js';
import { type AdvParamsLock, lockAdvParams, unlockAdvParams, weightsHash } from '../../src/index.js';
import { classifier, greatest } from './classifiers.js';

const TYPES: readonly FloatType[] = ['float', 'float16', 'double'];
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Numbers that a test repeats. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * Locks models of every type and storage, and expects that unlocking gives the file bit for bit.
 * @returns how many were locked: some know nothing that could be locked
 */
export async function randomLocks(runs: number): Promise<number> {
  let locks = 0;
  const weight = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((v) => v / 2 ** 39) },
    { weight: 1, arbitrary: fc.constantFrom(-0, 0, 5e-324, 6e-8, -1e-40) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        type: fc.constantFrom(...TYPES),
        storage: fc.constantFrom('raw' as const, 'packed' as const, 'single' as const, 'halves' as const),
        softmax: fc.boolean(),
        batch: fc.constantFrom(undefined, undefined, 3),
        weights: fc.array(weight, { minLength: 24, maxLength: 24 }),
      }),
      fc.record({
        maxLayers: fc.integer({ min: 1, max: 4 }),
        maxParams: fc.integer({ min: 1, max: 3 }),
        maxRounds: fc.integer({ min: 1, max: 3 }),
        boundaryDistance: fc.constantFrom(0, 0.1, 0.5),
        stepSize: fc.constantFrom(0.1, 1),
        rule: fc.constantFrom('paper' as const, 'paper' as const, 'seed' as const),
        mark: fc.boolean(),
      }),
      async ({ weights, ...how }, options) => {
        let at = 0;
        const model = classifier({
          inputs: 3,
          hidden: 2,
          classes: 2,
          weight: () => weights[at++ % 24],
          ...how,
        });
        let lock: AdvParamsLock;
        try {
          const few = greatest(4, 3, numbers(weights.length + 1));
          const two = {
            ...few,
            labels: { ...few.labels, data: Array.from(few.labels.data, (l) => Number(l) % 2) },
          };
          lock = await lockAdvParams(model, two, {
            threads: 0,
            ...options,
            lossMultiple: 1e9,
            acceptWeaker: true,
          });
        } catch (error) {
          // All weights equal, or a model that knows nothing: there is nothing to lock.
          if ((error as { code?: string }).code === 'LOCK_WEAK') return;
          throw error;
        }
        locks++;
        const { locked, key } = lock;
        expect(weightsHash(locked)).not.equal(weightsHash(model));
        const body = {
          layers: [...key.body.layers]
            .reverse()
            .map((layer) => ({ ...layer, changes: [...layer.changes].reverse() })),
        };
        for (const any of [key, { ...key, body }]) {
          const unlocked = unlockAdvParams(locked, any);
          expect(weightsHash(unlocked)).equal(weightsHash(model));
          expect(sha(unlocked)).equal(sha(model));
        }
      },
    ),
    { numRuns: runs },
  );
  return locks;
}
