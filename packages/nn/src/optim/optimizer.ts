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
   * What it keeps for each parameter, by the parameter's place and a name: the tensors stay the optimiser's.
   * @returns secret tensors by name; none before the first step
   * @example const kept = optimizer.stateDict();
   */
  stateDict(): Record<string, CrypTensor> {
    return Object.fromEntries(
      this.#slots.flatMap((slots, i) => Object.entries(slots).map(([name, slot]) => [`${i}.${name}`, slot])),
    );
  }

  /**
   * Takes what another optimiser of the same parameters kept; the tensors belong to this one then.
   * @param state secret tensors by name, as of `stateDict()`
   * @returns this optimiser
   * @throws ArgumentError for names of no parameter, and shapes that are not those of the parameter
   */
  loadState(state: Readonly<Record<string, CrypTensor>>): this {
    const slots: Slots[] = this.parameters.map(() => ({}));
    for (const [name, tensor] of Object.entries(state)) {
      const [, place, slot] = /^(\d+)\.(.+)$/.exec(name) ?? [];
      const parameter = this.parameters[Number(place)];
      if (!parameter) throw new ArgumentError(`the state is that of another optimiser: with ${name}`);
      if (String(tensor.shape) !== String(parameter.shape))
        throw new ArgumentError(`'${name}' has the shape [${parameter.shape}], not [${tensor.shape}]`);
      slots[Number(place)][slot] = tensor;
    }
    this.dispose();
    slots.forEach((own, i) => {
      this.#slots[i] = own;
    });
    return this;
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
