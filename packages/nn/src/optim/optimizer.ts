/** What optimisers have in common: parameters, a learning rate, and state of their own for each parameter. */
import { ArgumentError } from '@tacit/errors';
import { CrypTensor, tidy } from '@tacit/tensor';
import type { Parameter } from '../parameter.js';

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

/** Secret tensors that an optimiser keeps for a parameter, by name. */
export type Slots = Record<string, CrypTensor>;

/** The state of an optimiser. */
export interface OptimizerState {
  /** Which optimiser it is of, such as 'SGD'. */
  readonly optimizer: string;
  readonly lr: number;
  /** Of each parameter, in the optimiser's order: its shape, and steps so far. */
  readonly parameters: readonly { readonly shape: readonly number[]; readonly steps: number }[];
  /** Secret tensors: the place of the parameter, a point and a name, such as '0.velocity'. */
  readonly slots: Readonly<Record<string, CrypTensor>>;
}

/** What a step makes of a parameter. */
export interface Moved {
  readonly value: CrypTensor;
  /** What is kept for the next step. */
  readonly slots: Slots;
}

/** The base of all optimisers. */
export abstract class Optimizer {
  readonly parameters: readonly Parameter[];
  readonly #slots: Slots[];
  readonly #steps: number[];
  #lr: number;

  /**
   * An optimiser of parameters that are encrypted with mode 'shared'.
   * @param parameters parameters, as of `model.parameters()`
   * @param lr learning rate
   * @throws ArgumentError where there are none, or the learning rate is not a positive number
   */
  constructor(parameters: Iterable<Parameter>, lr: number) {
    this.parameters = [...parameters].filter(({ requiresGrad }) => requiresGrad);
    if (this.parameters.length === 0)
      throw new ArgumentError('an optimiser needs a parameter that is trained');
    this.#slots = this.parameters.map(() => ({}));
    this.#steps = this.parameters.map(() => 0);
    this.#lr = requireRate(lr);
  }

  /** Learning rate; public, and the same at all parties. */
  get lr(): number {
    return this.#lr;
  }
  set lr(value: number) {
    this.#lr = requireRate(value);
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = undefined;
  }

  /**
   * Moves each parameter that has a gradient. Returns at once.
   * @throws ArgumentError for parameters that their owner keeps; NotEncryptedError before encrypt()
   */
  step(): void {
    this.parameters.forEach((parameter, i) => {
      const { operand, grad } = parameter;
      if (!(operand instanceof CrypTensor))
        throw new ArgumentError(
          `'${parameter.name}' is kept by its owner and cannot be trained: encrypt the model with mode 'shared'`,
        );
      if (!grad) return;
      const before = this.#slots[i];
      const { value, slots } = split(
        tidy(operand.context, () => {
          const start = operand.detach();
          const made = this.move(start, grad, before);
          return { ...made.slots, [VALUE]: made.value };
        }),
      );
      for (const [name, slot] of Object.entries(before)) if (slots[name] !== slot) slot.dispose();
      this.#slots[i] = slots;
      this.#steps[i]++;
      parameter.assign(value);
    });
  }

  /**
   * One step of one parameter.
   * @param value the parameter, without history
   * @param grad its gradient
   * @param slots what the optimiser keeps for it; empty at first
   * @returns the next value, and what is kept for the next step
   */
  protected abstract move(value: CrypTensor, grad: CrypTensor, slots: Readonly<Slots>): Moved;

  /**
   * All that the next step depends on beside the parameters: the learning rate, how many steps there were, and the secret
   * tensors that it keeps, which stay its own.
   * @returns the state
   * @example const { slots } = optimizer.stateDict();
   */
  stateDict(): OptimizerState {
    return {
      optimizer: this.constructor.name,
      lr: this.#lr,
      parameters: this.parameters.map(({ shape }, i) => ({ shape, steps: this.#steps[i] })),
      slots: Object.fromEntries(
        this.#slots.flatMap((slots, i) =>
          Object.entries(slots).map(([name, slot]) => [`${i}.${name}`, slot]),
        ),
      ),
    };
  }

  /**
   * Goes on from another state of such an optimiser of parameters of the same shapes. Its tensors belong to this optimiser
   * then.
   * @param state as of `stateDict()`
   * @throws ArgumentError where it is the state of another optimiser, or of another model
   */
  loadState({ optimizer, lr, parameters, slots }: OptimizerState): void {
    if (optimizer !== this.constructor.name || parameters.length !== this.parameters.length)
      throw new ArgumentError(`the state of an optimiser is that of another one: ${optimizer}`);
    const sorted: Slots[] = this.parameters.map(() => ({}));
    for (const [key, tensor] of Object.entries(slots)) {
      const [, place, slot] = /^(\d+)\.(.+)$/.exec(key) ?? [];
      const parameter = this.parameters[Number(place)];
      if (String(tensor.shape) !== String(parameter?.shape))
        throw new ArgumentError(`the state of an optimiser is that of another one: it has a slot '${key}'`);
      sorted[Number(place)][slot] = tensor;
    }
    this.dispose();
    sorted.forEach((own, i) => {
      this.#slots[i] = own;
      this.#steps[i] = parameters[i].steps;
    });
    this.#lr = lr;
  }

  /** Frees what it keeps. */
  dispose(): void {
    for (const slots of this.#slots) for (const slot of Object.values(slots)) slot.dispose();
  }
}

const VALUE = 'value of the parameter';

function split({ [VALUE]: value, ...slots }: Slots): { value: CrypTensor; slots: Slots } {
  return { value, slots };
}
