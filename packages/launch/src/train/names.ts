/**
 * What configs may name: every layer, loss, optimiser and schedule that `nn` has, found in its namespaces, so that a new
 * one is there without a line here.
 */
import * as nn from '@tacit/nn';
import { type Loss, Module, optim } from '@tacit/nn';
import { meant } from './closest.js';

/** A constructor, of arguments that a file can hold. */
export type Constructor<T> = new (...args: readonly never[]) => T;

const EMPTY: Readonly<Record<string, unknown>> = {};
const MODULES = nn as unknown as Readonly<Record<string, unknown>>;
const OPTIMIZERS = optim as unknown as Readonly<Record<string, unknown>>;
const SCHEDULES = ((optim as Record<string, unknown>).lrScheduler ?? EMPTY) as Readonly<
  Record<string, unknown>
>;

/** Modules that a list of layers cannot make: they take functions, graphs or other modules. */
const NOT_LAYERS: readonly string[] = [
  'Module',
  'Graph',
  'Lambda',
  'Sequential',
  'ModuleList',
  'ModuleDict',
  'MultiheadAttention',
];

const isSubclass = (value: unknown, base: abstract new (...args: never[]) => unknown): boolean =>
  typeof value === 'function' && value.prototype instanceof base;

function listed(
  namespace: Readonly<Record<string, unknown>>,
  base: abstract new (...args: never[]) => unknown,
  without: readonly string[] = [],
): string[] {
  return Object.keys(namespace)
    .filter((name) => !without.includes(name) && isSubclass(namespace[name], base))
    .sort();
}

function find<T>(
  what: string,
  name: string,
  namespace: Readonly<Record<string, unknown>>,
  base: abstract new (...args: never[]) => T,
  without: readonly string[] = [],
): Constructor<T> | string {
  const names = listed(namespace, base, without);
  if (names.includes(name)) return namespace[name] as Constructor<T>;
  return `there is no ${what} '${name}'; there are ${names.join(', ')}${meant(name, names)}`;
}

/**
 * The class of a layer.
 * @param name as of `nn`
 * @returns the class, or what is wrong with the name
 */
export const layerClass = (name: string): Constructor<Module> | string =>
  find('layer', name, MODULES, Module, NOT_LAYERS);

/**
 * The class of a loss.
 * @param name as of `nn`
 * @returns the class, or what is wrong with the name
 */
export const lossClass = (name: string): Constructor<Loss> | string => find('loss', name, MODULES, nn.Loss);

/**
 * The class of an optimiser.
 * @param name as of `nn.optim`
 * @returns the class, or what is wrong with the name
 */
export const optimizerClass = (name: string): Constructor<optim.Optimizer> | string =>
  find('optimiser', name, OPTIMIZERS, optim.Optimizer);

/** What changes the learning rate of an optimiser, once an epoch. */
export interface Schedule {
  step(): void;
}

/**
 * The class of a schedule of the learning rate.
 * @param name as of `nn.optim.lrScheduler`
 * @returns the class, or what is wrong with the name
 */
export function scheduleClass(name: string): Constructor<Schedule> | string {
  const known = Object.keys(SCHEDULES).filter(
    (key) => typeof SCHEDULES[key] === 'function' && key !== 'LRScheduler',
  );
  if (known.includes(name)) return SCHEDULES[name] as Constructor<Schedule>;
  return `there is no schedule '${name}'; there are ${known.join(', ') || 'none'}${meant(name, known)}`;
}

/** A loss of one number for each of two classes. */
export interface BinaryLoss {
  /** From which prediction on it is the second class. */
  readonly threshold: number;
  /** What stands for both classes. */
  readonly targets: readonly [first: number, second: number];
}

const BINARY: Readonly<Record<string, BinaryLoss>> = {
  BCELoss: { threshold: 0.5, targets: [0, 1] },
  BCEWithLogitsLoss: { threshold: 0, targets: [0, 1] },
  HingeLoss: { threshold: 0, targets: [-1, 1] },
  RAPPORLoss: { threshold: 0.5, targets: [0, 1] },
};

/**
 * What is known of a loss that takes one number for two classes.
 * @param loss name of the loss
 * @returns what it takes; undefined for losses of one-hot classes, and of numbers
 */
export const binaryLoss = (loss: string): BinaryLoss | undefined =>
  Object.hasOwn(BINARY, loss) ? BINARY[loss] : undefined;
