/** What a lock by AdvParams may be told, and what it is when it is not told. */
import { ArgumentError } from '@tacit/errors';
import type { LabelledData } from '../classifier/examples.js';
import type { Rule } from './rules.js';

/** Where a lock stands after a round. */
export interface RoundProgress {
  /** Rounds done; 0 for the model as it was. */
  readonly round: number;
  /** Weights that are not what they were. */
  readonly changed: number;
  /** Mean cross entropy of the data that gradients are of. */
  readonly loss: number;
  /** Share of right answers on the data for evaluation. */
  readonly accuracy: number;
}

/** Options of `lockAdvParams`; the names and defaults are those of the public implementation where it has them. */
export interface AdvParamsOptions {
  /** Layers that are locked at most, chosen at random. Default 25. */
  readonly maxLayers?: number;
  /** Examples at a time on a thread, where the model takes any number. Default: 32, or fewer of a large model. */
  readonly batchSize?: number;
  /** Threads; 0 computes in this one. Default: one for each processor, at most 4. */
  readonly threads?: number;
  /** Weights of a layer that are changed at most. Default 25. */
  readonly maxParams?: number;
  /** d in the bounds min + d (max - min) to max - d (max - min) of a layer, from 0 to 0.5. Default 0.1. */
  readonly boundaryDistance?: number;
  /** A step, as a share of max - min of the layer. Default 0.1. */
  readonly stepSize?: number;
  /** Stops where the loss is above this many times what it was. By default the accuracy decides. */
  readonly lossMultiple?: number;
  /** Stops where the accuracy is at most this. Default, where `lossMultiple` is not given: 0.02 above chance. */
  readonly stopAccuracy?: number;
  /** See rules.ts. Default `paper`. */
  readonly rule?: Rule;
  /** Rounds at most. Default: enough for `maxParams` weights to cross their bounds, one after the other. */
  readonly maxRounds?: number;
  /** What accuracy is measured on. Default: the data that gradients are of. */
  readonly evaluation?: LabelledData;
  /** Take a lock that did not reach its stop, instead of refusing it. Default false. */
  readonly acceptWeaker?: boolean;
  /** Called after each round. */
  readonly onProgress?: (progress: RoundProgress) => void;
  /** Called as examples are computed within a round. */
  readonly onBatch?: (done: number, all: number) => void;
  /** Cancels: the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The numbers among the options, complete. */
export interface Limits {
  readonly maxLayers: number;
  readonly maxParams: number;
  readonly boundaryDistance: number;
  readonly stepSize: number;
  readonly maxRounds: number;
  readonly lossMultiple: number | undefined;
  readonly stopAccuracy: number | undefined;
  readonly rule: Rule;
}

/** Above chance by this much, an accuracy says nothing about a few hundred examples. */
const ABOVE_CHANCE = 0.02;

/**
 * Checks options and fills in what is not given.
 * @param options as a caller gave them
 * @returns all limits; `stopAccuracy` still undefined where it depends on the number of classes
 * @throws ArgumentError where a number is out of its range
 * @example limitsOf({ maxParams: 10 }).stepSize; // 0.1
 */
export function limitsOf(options: AdvParamsOptions): Limits {
  const { maxLayers = 25, batchSize, maxParams = 25 } = options;
  const { boundaryDistance = 0.1, stepSize = 0.1, lossMultiple, stopAccuracy, rule = 'paper' } = options;
  whole('maxLayers', maxLayers);
  if (batchSize !== undefined) whole('batchSize', batchSize);
  whole('maxParams', maxParams);
  within(
    'boundaryDistance',
    boundaryDistance,
    boundaryDistance >= 0 && boundaryDistance <= 0.5,
    'from 0 to 0.5',
  );
  within('stepSize', stepSize, stepSize > 0 && stepSize <= 1, 'above 0, at most 1');
  if (lossMultiple !== undefined)
    within(
      'lossMultiple',
      lossMultiple,
      lossMultiple > 1 && lossMultiple < Number.POSITIVE_INFINITY,
      'above 1',
    );
  if (stopAccuracy !== undefined)
    within('stopAccuracy', stopAccuracy, stopAccuracy >= 0 && stopAccuracy < 1, 'from 0 to below 1');
  if (rule !== 'paper' && rule !== 'seed')
    throw new ArgumentError(`rule is ${JSON.stringify(rule)}; it must be 'paper' or 'seed'`);
  const { maxRounds = maxParams * Math.ceil(1 / stepSize) } = options;
  whole('maxRounds', maxRounds);
  return {
    maxLayers,
    maxParams,
    boundaryDistance,
    stepSize,
    lossMultiple,
    stopAccuracy,
    rule,
    maxRounds,
  };
}

/**
 * The accuracy at which a lock is strong enough.
 * @param limits of the lock
 * @param classes of the model
 * @returns the accuracy, or undefined where only the loss decides
 * @example stopAccuracyOf(limitsOf({}), 10); // 0.12
 */
export function stopAccuracyOf({ stopAccuracy, lossMultiple }: Limits, classes: number): number | undefined {
  if (stopAccuracy !== undefined) return stopAccuracy;
  return lossMultiple === undefined ? 1 / classes + ABOVE_CHANCE : undefined;
}

function whole(name: string, value: number): void {
  within(name, value, Number.isSafeInteger(value) && value >= 1, 'a whole number above 0');
}

function within(name: string, value: number, fits: boolean, range: string): void {
  if (!fits) throw new ArgumentError(`${name} is ${String(value)}; it must be ${range}`);
}
