/** Schedules of learning rates: the namespace `optim.lrScheduler`. */
import { ArgumentError } from '@tacit/errors';
import type { CrypTensor } from '@tacit/tensor';
import { Optimizer, requireNumber } from './optimizer.js';

/** The state of a schedule: public numbers. */
export interface SchedulerState {
  /** Which schedule it is of, such as 'StepLR'. */
  readonly scheduler: string;
  /** The learning rate that it began with. */
  readonly base: number;
  /** Epochs so far. */
  readonly epochs: number;
}

/** The base of all schedules. */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  #base: number;
  #epochs = 0;

  /**
   * A schedule that begins with the optimiser's learning rate.
   * @param optimizer whose learning rate it sets
   * @throws ArgumentError for anything else
   */
  constructor(optimizer: Optimizer) {
    if (!(optimizer instanceof Optimizer))
      throw new ArgumentError(`${new.target.name} takes the optimiser whose learning rate it sets`);
    this.optimizer = optimizer;
    this.#base = optimizer.lr;
  }

  /** What it is called in states; of this package's the same however a program is bundled. */
  get kind(): string {
    return this.constructor.name;
  }

  /** The learning rate after so many epochs. */
  protected abstract rate(base: number, epochs: number): number;

  /** Ends an epoch: sets the learning rate of the next one. */
  step(): void {
    this.#epochs++;
    this.optimizer.schedule(this.rate(this.#base, this.#epochs));
  }

  /** The learning rate now. */
  get lr(): number {
    return this.optimizer.lr;
  }

  /**
   * Where the schedule is.
   * @returns public numbers
   * @example await party.saveShares('checkpoint', { model, optimizer, scheduler });
   */
  stateDict(): SchedulerState {
    return { scheduler: this.kind, base: this.#base, epochs: this.#epochs };
  }

  /**
   * Goes on from there, and sets the learning rate.
   * @param state as of `stateDict()`
   * @throws ArgumentError where it is not the state of such a schedule
   */
  loadState(state: SchedulerState | CrypTensor): void {
    const { scheduler, base, epochs } = (state ?? {}) as SchedulerState;
    if (scheduler !== this.kind)
      throw new ArgumentError(`the state of ${String(scheduler)} is not one of ${this.kind}`);
    if (
      typeof base !== 'number' ||
      !(base >= 0 && Number.isFinite(base)) ||
      !Number.isSafeInteger(epochs) ||
      epochs < 0
    )
      throw new ArgumentError(
        `the state of a schedule: ${String(epochs)} epochs from a rate of ${String(base)}`,
      );
    this.#base = base;
    this.#epochs = epochs;
    this.optimizer.schedule(epochs === 0 ? base : this.rate(base, epochs));
  }
}

/** The learning rate times `gamma` after every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  readonly #size: number;
  readonly #gamma: number;

  /**
   * Steps down.
   * @param optimizer whose learning rate it sets
   * @param stepSize epochs
   * @param gamma factor; default 0.1
   * @throws ArgumentError for a size that is not a positive whole number, or a factor that is not positive
   * @example const scheduler = new nn.optim.lrScheduler.StepLR(optimizer, 10, 0.5);
   */
  constructor(optimizer: Optimizer, stepSize: number, gamma = 0.1) {
    super(optimizer);
    this.#size = requireEpochs('stepSize', stepSize);
    if (!(requireNumber('gamma', gamma, 0) > 0)) throw new ArgumentError('gamma is 0');
    this.#gamma = gamma;
  }

  override get kind(): string {
    return 'StepLR';
  }

  protected override rate(base: number, epochs: number): number {
    return base * this.#gamma ** Math.floor(epochs / this.#size);
  }
}

/** Half a cosine from the learning rate down to a least one, where it stays. */
export class CosineLR extends LRScheduler {
  readonly #over: number;
  readonly #min: number;

  /**
   * A cosine.
   * @param optimizer whose learning rate it sets
   * @param epochs after how many epochs it is at its least
   * @param min least learning rate; default 0
   * @throws ArgumentError for epochs that are not a positive whole number, or a negative rate
   * @example const scheduler = new nn.optim.lrScheduler.CosineLR(optimizer, 20);
   */
  constructor(optimizer: Optimizer, epochs: number, min = 0) {
    super(optimizer);
    this.#over = requireEpochs('epochs', epochs);
    this.#min = requireNumber('min', min, 0);
  }

  override get kind(): string {
    return 'CosineLR';
  }

  protected override rate(base: number, epochs: number): number {
    const part = Math.min(1, epochs / this.#over);
    return this.#min + ((base - this.#min) * (1 + Math.cos(Math.PI * part))) / 2;
  }
}

function requireEpochs(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ArgumentError(`${what} is ${String(value)} instead of a whole number from 1 on`);
  return value;
}
