/** The attacks on a lock by AdvParams, each on request. */
import type { AdvParamsLock } from '../adv-params/lock.js';
import { Classifier, type ClassifierOptions, type PassOptions } from '../classifier/classifier.js';
import { examplesFor, type LabelledData } from '../classifier/examples.js';
import { type FineTuneReport, fineTune } from './fine-tune.js';
import { type PruneRow, prune } from './prune.js';
import { type SearchSpace, searchSpace } from './search-space.js';
import { type WrongKeyReport, wrongKey } from './wrong-key.js';

/** Attacks by name. */
export const ATTACKS = ['fine-tune', 'prune', 'wrong-key'] as const;
export type Attack = (typeof ATTACKS)[number];

/** What attacks came to. */
export interface AttackReport {
  readonly space: SearchSpace;
  readonly fineTune?: FineTuneReport;
  readonly prune?: readonly PruneRow[];
  readonly wrongKey?: WrongKeyReport;
}

/** What is attacked: what `lockAdvParams` gives has all of it. */
export interface AttackedLock extends Pick<AdvParamsLock, 'locked' | 'key'> {
  /** How many weights could have been changed, and how many were. */
  readonly report: Pick<AdvParamsLock['report'], 'weights' | 'changed'>;
}

/** Which attacks, and how they are followed. */
export interface AttackOptions extends ClassifierOptions {
  readonly attacks: readonly Attack[];
  /** Default: the data itself. */
  readonly evaluation?: LabelledData;
  readonly onProgress?: (attack: Attack, done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Attacks a lock.
 * @param model the bytes of the file before it was locked
 * @param lock what `lockAdvParams` gave
 * @param data examples, a tenth of which the attacker has
 * @param options which attacks, and what accuracy is measured on
 * @returns what they came to; the size of the search for a key is always there
 * @throws as `lockAdvParams` where model and data do not fit
 * @example const { fineTune } = await attackLock(model, lock, data, { attacks: ['fine-tune'] });
 */
export async function attackLock(
  model: Uint8Array,
  { locked, key, report }: AttackedLock,
  data: LabelledData,
  { attacks, evaluation = data, onProgress, signal, ...how }: AttackOptions,
): Promise<AttackReport> {
  const target = new Classifier(locked, how);
  const clean = new Classifier(model, how);
  const examples = examplesFor(data, target.input, target.classes);
  const judged = examplesFor(evaluation, target.input, target.classes);
  const follow = (attack: Attack): PassOptions => ({
    signal,
    onBatch: (done, all) => onProgress?.(attack, done, all),
  });
  const asked = (attack: Attack): boolean => attacks.includes(attack);
  try {
    return {
      space: searchSpace(report.weights, report.changed),
      ...(asked('fine-tune') && {
        fineTune: await fineTune(target, examples, judged, follow('fine-tune')),
      }),
      ...(asked('prune') && { prune: await prune(target, clean, judged, follow('prune')) }),
      ...(asked('wrong-key') && {
        wrongKey: await wrongKey(target, key.body, judged, follow('wrong-key')),
      }),
    };
  } finally {
    await Promise.all([target.close(), clean.close()]);
  }
}
