/**
 * Wrong keys. A key that differs in one bit is refused, by its own check and by the hash of the model that it gives back;
 * what is measured here is what it would do if nobody checked. A key of AdvParams is a list of places and values, not one of
 * a cipher: with one wrong bit all other weights are right, and the model is nearly what it was.
 */
import { randomInt } from 'node:crypto';
import type { AdvParamsBody, LockedLayer } from '../adv-params/key-body.js';
import { FLOAT_BYTES, numberOf } from '../adv-params/number-bits.js';
import type { Classifier, PassOptions } from '../classifier/classifier.js';
import type { Examples } from '../classifier/examples.js';

/** Accuracies under wrong keys that nobody checked. */
export interface WrongKeyReport {
  /** One random bit of one original weight is wrong: lowest and highest accuracy of some tries. */
  readonly oneBit: readonly [lowest: number, highest: number];
  /** As many weights as the key has, at random places, with values of their own layers: the highest accuracy of some tries. */
  readonly guessed: number;
}

const TRIES = 8;

/**
 * Measures what wrong keys would give back.
 * @param locked the locked model
 * @param body of its key
 * @param evaluation what accuracy is measured on
 * @param options progress and cancellation
 * @returns accuracies
 */
export async function wrongKey(
  locked: Classifier,
  body: AdvParamsBody,
  evaluation: Examples,
  { onBatch, signal }: PassOptions = {},
): Promise<WrongKeyReport> {
  const flipped: number[] = [];
  const guessed: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    const score = (weights: Map<string, Float64Array>) => locked.score(evaluation, weights, { signal });
    flipped.push((await score(withOneWrongBit(locked, body))).accuracy);
    guessed.push((await score(withGuesses(locked, body))).accuracy);
    onBatch?.(i + 1, TRIES);
  }
  return { oneBit: [Math.min(...flipped), Math.max(...flipped)], guessed: Math.max(...guessed) };
}

function withOneWrongBit(locked: Classifier, { layers }: AdvParamsBody): Map<string, Float64Array> {
  const wrong = randomInt(layers.reduce((sum, { changes }) => sum + changes.length, 0));
  let at = 0;
  return new Map(
    layers.map(({ name, type, changes }) => {
      const values = Float64Array.from(locked.original(name));
      for (const { index, original } of changes) {
        const bit = at++ === wrong ? 1n << BigInt(randomInt(8 * FLOAT_BYTES[type])) : 0n;
        values[index] = numberOf(original ^ bit, type);
      }
      return [name, values];
    }),
  );
}

function withGuesses(locked: Classifier, { layers }: AdvParamsBody): Map<string, Float64Array> {
  const guess = ({ name, changes }: LockedLayer): [string, Float64Array] => {
    const values = Float64Array.from(locked.original(name));
    for (let i = 0; i < changes.length; i++)
      values[randomInt(values.length)] = values[randomInt(values.length)];
    return [name, values];
  };
  return new Map(layers.map(guess));
}
