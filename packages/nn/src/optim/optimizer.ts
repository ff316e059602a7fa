/** What optimisers have in common: parameters, a learning rate, and state of their own for each parameter. */
import { ArgumentError } from '@tacit/errors';
import { CrypTensor, tidy } from '@tacit/tensor';
import { Parameter } from '../parameter.js';
import { type OptimizerState, type Slots, slotsOf } from './state.js';

/** A number that must be finite and within bounds. */
export function requireNumber(what: string, value: number, low: number, high = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < low || value > high)
    throw new ArgumentError(
      `${what} is ${String(value)} instead of a number ${high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`}`,
    );
  return value;
}

/** A learning rate. @throws ArgumentError unless it is a positive number */
export function requireRate(value: number): number {
  if (typeof value !== 'number' || !(value > 0 && Number.isFinite(value)))
    throw new ArgumentError(`the learning rate is ${String(value)} instead of a positive number`);
  return value;
}

export type { Slots };

/** What a step makes of a parameter. */
export interface Moved {
  readonly value: CrypTensor;
  /** What is kept for the next step. */
  readonly slots: Slots;
}

/** A parameter, as a step finds it. */
interface Found {
  readonly start: CrypTensor;
  readonly grad: CrypTensor | undefined;
}

/** The base of all optimisers. */
export abstract class Optimizer {
  readonly parameters: readonly Parameter[];
  #slots: Slots[];
  #steps: number[];
  #lr: number;

  /**
   * An optimiser of parameters that are encrypted with mode 'shared'.
   * @param parameters parameters, as of `model.parameters()`
   * @param lr learning rate
   * @throws ArgumentError where there are none that are trained, one comes twice, two belong to different sessions, or the
   * learning rate is not a positive number
   */
  constructor(parameters: Iterable<Parameter>, lr: number) {
    this.#lr = requireRate(lr);
    if (typeof parameters !== 'object' || parameters === null || !(Symbol.iterator in parameters))
      throw new ArgumentError('an optimiser takes parameters, as of model.parameters()');
    const all = [...parameters];
    const bad = all.findIndex((parameter) => !(parameter instanceof Parameter));
    if (bad >= 0) throw new ArgumentError(`an optimiser takes parameters, and number ${bad} is none`);
    this.parameters = all.filter(({ requiresGrad }) => requiresGrad);
    if (this.parameters.length === 0)
      throw new ArgumentError('an optimiser needs a parameter that is trained');
    if (new Set(this.parameters).size < this.parameters.length)
      throw new ArgumentError('an optimiser was given a parameter twice');
    requireOneSession(this.parameters);
    this.#slots = this.parameters.map(() => ({}));
    this.#steps = this.parameters.map(() => 0);
  }

  /** What it is called in states; of this package's the same however a program is bundled. */
  get kind(): string {
    return this.constructor.name;
  }

  /** Learning rate; public, and the same at all parties. Must be positive. */
  get lr(): number {
    return this.#lr;
  }
  set lr(value: number) {
    this.#lr = requireRate(value);
  }

  /**
   * Sets the learning rate as a schedule does: it may have come down to 0, where steps change nothing.
   * @param value learning rate, not negative
   * @throws ArgumentError for anything else
   */
  schedule(value: number): void {
    this.#lr = requireNumber('the learning rate', value, 0);
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = undefined;
  }

  /**
   * Moves each parameter that has a gradient; without any gradient nothing happens. Returns at once.
   * @throws ArgumentError for parameters that their owner keeps, or of another session; NotEncryptedError before
   * encrypt(). No parameter is moved then
   */
  step(): void {
    requireOneSession(this.parameters);
    const found = this.parameters.map(({ name, operand, grad }): Found => {
      if (!(operand instanceof CrypTensor))
        throw new ArgumentError(
          `'${name}' is kept by its owner and cannot be trained: encrypt the model with mode 'shared'`,
        );
      return { start: operand, grad };
    });
    this.parameters.forEach((parameter, i) => {
      const { start, grad } = found[i];
      if (!grad) return;
      const before = this.#slots[i];
      const count = this.#steps[i] + 1;
      const { [VALUE]: value, ...slots } = tidy(start.context, () => {
        const made = this.move(start.detach(), grad, before, count);
        return { ...made.slots, [VALUE]: made.value };
      });
      this.#keep(i, slots);
      this.#steps[i] = count;
      parameter.assign(value);
    });
  }

  #keep(i: number, slots: Slots): void {
    const kept = new Set(Object.values(slots));
    for (const slot of Object.values(this.#slots[i])) if (!kept.has(slot)) slot.dispose();
    this.#slots[i] = slots;
  }

  /**
   * One step of one parameter.
   * @param value the parameter, without history
   * @param grad its gradient
   * @param slots what the optimiser keeps for it; empty at first
   * @param count how many steps that makes, this one included
   * @returns the next value, and what is kept for the next step
   */
  protected abstract move(value: CrypTensor, grad: CrypTensor, slots: Readonly<Slots>, count: number): Moved;

  /** Names of the tensors that it keeps for a parameter after so many steps. */
  protected abstract slotNames(count: number): readonly string[];

  /**
   * All that the next step depends on beside the parameters: the learning rate, how many steps there were, and the secret
   * tensors that it keeps, which stay its own.
   * @returns the state
   * @example await party.saveShares('checkpoint', { model, optimizer });
   */
  stateDict(): OptimizerState {
    return {
      optimizer: this.kind,
      lr: this.#lr,
      parameters: this.parameters.map(({ name, shape }, i) => ({ name, shape, steps: this.#steps[i] })),
      slots: Object.fromEntries(
        this.#slots.flatMap((slots, i) =>
          Object.entries(slots).map(([name, slot]) => [`${i}.${name}`, slot]),
        ),
      ),
    };
  }

  /**
   * Goes on from another state of such an optimiser of parameters of the same names and shapes in the same order, which
   * is how they are told apart: layers that look the same must not have changed places. Its tensors belong to this optimiser
   * then. Settings other than the learning rate stay those of this optimiser.
   * @param state as of `stateDict()`, or as `loadShares` read it
   * @throws ArgumentError where it is the state of another optimiser, of another model or of another session; nothing is
   * changed then
   * @example optimizer.loadState((await party.loadShares('checkpoint')).optimizer);
   */
  loadState(state: OptimizerState | CrypTensor): void {
    const { known, slots } = slotsOf(state, this.kind, this.parameters);
    slots.forEach((own, i) => {
      const { steps } = known.parameters[i];
      const wanted = this.slotNames(steps);
      if (String(Object.keys(own).sort()) !== String([...wanted].sort()))
        throw new ArgumentError(
          `the state of an optimiser is that of another one: for parameter ${i} it keeps [${Object.keys(own)}], not [${wanted}]; nothing was loaded`,
        );
    });
    slots.forEach((own, i) => {
      this.#keep(i, own);
    });
    this.#steps = known.parameters.map(({ steps }) => steps);
    this.#lr = known.lr;
  }

  /** Frees what it keeps. */
  dispose(): void {
    this.parameters.forEach((_, i) => {
      this.#keep(i, {});
      this.#steps[i] = 0;
    });
  }
}

const VALUE = 'value of the parameter';

function requireOneSession(parameters: readonly Parameter[]): void {
  const encrypted = parameters.filter((parameter) => parameter.encrypted);
  const other = encrypted.find(({ operand }) => operand.context !== encrypted[0].operand.context);
  if (other)
    throw new ArgumentError(
      `'${other.name}' and '${encrypted[0].name}' are parameters of different parties or sessions`,
    );
}
