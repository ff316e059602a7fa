/** A weight of a module: values at the model's owner, a shape elsewhere, and once encrypted an operand everywhere. */

import { ArgumentError, TacitError } from '@tacit/errors';
import { type Numbers, sizeOf } from '@tacit/graph';
import { CrypTensor, OwnedTensor, type Party, type Plain, secretOf, type WeightScales } from '@tacit/tensor';
import { drawn, drawnByNobody, type Initializer } from './initial-values.js';

/**
 * How a model is protected.
 * - 'owned': its owner takes part and keeps the weights in the clear; the others get them under a uniform mask only.
 * - 'shared': the weights are secret-shared, so that no party can use them alone. Only these can be trained.
 */
export type EncryptionMode = 'owned' | 'shared';

/** Whose initial values a model starts from: a party's, or random ones that nobody knows. */
export type Source = number | 'nobody';

/** A module was used before encrypt(). */
export class NotEncryptedError extends TacitError {
  constructor(name: string) {
    super(
      'MODEL_NOT_ENCRYPTED',
      `the parameter '${name}' is not encrypted yet: call encrypt({ src }) on the model first`,
    );
  }
}

export interface ParameterOptions {
  /** For errors. */
  readonly name?: string;
  /** Values, at the owner; not copied, so they must not change. They need not be given where a rule draws them. */
  readonly data?: Numbers;
  /** How initial values are drawn; 'given' are never drawn, as those of a file. Default zeros. */
  readonly initializer?: Initializer | 'given';
  /** How the values are scaled; public. Default one term at the session's fraction bits. */
  readonly scales?: WeightScales;
  /** Whether it is trained. Default true. */
  readonly requiresGrad?: boolean;
}

/** A weight of a module. */
export class Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly scales: WeightScales | undefined;
  #requiresGrad: boolean;
  #initializer: Initializer | 'given';
  #operand: CrypTensor | OwnedTensor | undefined;
  #data: Numbers | undefined;
  #forgotten = false;
  #share: ((values: Numbers | undefined) => CrypTensor | OwnedTensor) | undefined;

  /**
   * A weight that is not encrypted yet.
   * @param shape sizes of the axes
   * @param options values or the rule that draws them, scales, whether it is trained
   * @throws ArgumentError where the values do not fill the shape
   */
  constructor(shape: readonly number[], options: ParameterOptions = {}) {
    const { name = 'weight', data, initializer = { kind: 'constant', value: 0 }, scales } = options;
    this.name = name;
    this.shape = shape;
    this.scales = scales;
    this.#initializer = initializer;
    this.#requiresGrad = options.requiresGrad ?? true;
    this.data = data;
  }

  /** Values before encryption, where they are known: the owner's, or a random draw of this party's, made when asked for. */
  get data(): Numbers | undefined {
    return this.#data;
  }
  set data(values: Numbers | undefined) {
    if (values && values.length !== sizeOf(this.shape))
      throw new ArgumentError(`'${this.name}': ${values.length} values for the shape [${this.shape}]`);
    this.#data = values;
  }

  /** Whether it is trained: whether `backward` computes its gradient, and optimisers take it. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }
  set requiresGrad(wanted: boolean) {
    this.#requiresGrad = wanted;
    if (this.#operand instanceof CrypTensor) this.#operand.requiresGrad = wanted;
  }

  /**
   * Draws the initial values by another rule.
   * @param rule how they are drawn
   * @throws ArgumentError where the parameter is encrypted
   */
  initialize(rule: Initializer): void {
    if (this.#operand)
      throw new ArgumentError(`'${this.name}' is encrypted: initialise parameters before encrypt()`);
    this.#initializer = rule;
    this.#data = undefined;
  }

  /** The values before encryption, drawn once if they were not given. */
  values(): Float64Array {
    const numbers = this.#numbers();
    return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
  }

  #numbers(): Numbers {
    this.#data ??= drawn(this.#rule, sizeOf(this.shape));
    return this.#data;
  }

  get #rule(): Initializer {
    if (this.#initializer !== 'given') return this.#initializer;
    throw new ArgumentError(
      `'${this.name}' has no values here: the party that src names gives the graph with its weights`,
    );
  }

  /**
   * Makes an operand of the values. All parties call it.
   * @param party this party
   * @param src rank of the owner, or 'nobody' for random values that no party knows
   * @param mode how the weight is protected
   * @throws ArgumentError where nobody is to own weights that are kept in the clear, or that are given, or where the values
   * were let go
   */
  encrypt(party: Party, src: Source, mode: EncryptionMode): void {
    if (this.#forgotten) throw new ArgumentError(`the values of the parameter '${this.name}' were let go`);
    const { shape, scales } = this;
    if (src === 'nobody' && (mode === 'owned' || this.#data))
      throw new ArgumentError(
        `'${this.name}': ${this.#data ? 'values that are given' : "weights of mode 'owned'"} belong to a party: give its rank as src`,
      );
    const owner = src === 'nobody' ? 0 : src;
    this.#share = (values) => {
      if (mode === 'shared') return party.weights(values, { src: owner, shape, scales });
      // The values are not copied.
      if (values && party.rank === owner) return new OwnedTensor(party.context, owner, shape, values, scales);
      return party.owned(undefined, { src: owner, shape, scales });
    };
    const own = party.rank === src ? this.#numbers() : undefined;
    this.#replace(src === 'nobody' ? drawnByNobody(party, this.#rule, shape) : this.#share(own));
  }

  get encrypted(): boolean {
    return this.#operand !== undefined;
  }

  /** What operations take: a secret tensor where it is shared, the owner's where it is owned. */
  get operand(): CrypTensor | OwnedTensor {
    if (!this.#operand) throw new NotEncryptedError(this.name);
    return this.#operand;
  }

  /** The gradient that `backward` has added up; undefined before, and for what is not trained. */
  get grad(): CrypTensor | undefined {
    return this.#operand instanceof CrypTensor ? this.#operand.grad : undefined;
  }
  /** Puts another gradient in its place, such as a clipped one, or with undefined none. */
  set grad(gradient: CrypTensor | undefined) {
    if (this.#operand instanceof CrypTensor) this.#operand.grad = gradient;
  }

  /**
   * Takes another value: a secret tensor, which belongs to the parameter then, or values in the clear. The gradient goes.
   * @param value a secret tensor; or values, which are encrypted as the ones before were: only the owner's count
   * @throws ArgumentError where the shape differs, or a secret is to take the place of weights that a party keeps
   */
  assign(value: CrypTensor | Plain): void {
    if (String(value.shape) !== String(this.shape))
      throw new ArgumentError(`'${this.name}' has the shape [${this.shape}], not [${value.shape}]`);
    if (value instanceof CrypTensor) {
      if (this.#operand && !(this.#operand instanceof CrypTensor))
        throw new ArgumentError(`'${this.name}' is kept by its owner: encrypt the model with mode 'shared'`);
      this.#replace(value);
    } else {
      this.data = Float64Array.from(value.data);
      if (this.#share) this.#replace(this.#share(this.#data));
    }
  }

  /**
   * Puts another operand in the place of its own for a while: for counting what a model costs.
   * @internal
   */
  lend(operand: CrypTensor | OwnedTensor): () => void {
    const own = this.#operand;
    this.#operand = operand;
    return () => {
      this.#operand?.dispose();
      this.#operand = own;
    };
  }

  #replace(operand: CrypTensor | OwnedTensor): void {
    if (operand === this.#operand) return;
    this.#operand?.dispose();
    this.#operand = operand;
    if (operand instanceof CrypTensor) operand.requiresGrad = this.#requiresGrad;
  }

  /**
   * Tells party `to` (all without it) the values. One round.
   * @param options `to`: rank of the only party that learns the values
   * @returns the values where they are told
   * @throws ArgumentError for anything else in the options
   */
  async reveal(options: { readonly to?: number }): Promise<Plain | undefined> {
    const { operand } = this;
    if (operand instanceof CrypTensor) return operand.revealFloat64(options);
    const secret = new CrypTensor(secretOf(operand.context, operand));
    const told = secret.revealFloat64(options);
    secret.dispose();
    return told;
  }

  /** Sends the masked form ahead of use, for an operand of products. */
  get masked(): Promise<unknown> {
    const operand = this.operand;
    return operand instanceof CrypTensor ? operand.masked() : operand.prepare();
  }

  /** Lets go of the values of an operand that was sent masked and is multiplied only. It cannot be encrypted again. */
  forget(): void {
    this.#forgotten ||= this.#data !== undefined;
    this.#data = undefined;
    if (this.#operand instanceof OwnedTensor) this.#operand.forget();
  }

  /** Frees the operand. */
  dispose(): void {
    this.#operand?.dispose();
    this.#operand = undefined;
  }
}

/** A tensor of a module that is no parameter but part of its state, such as running statistics: never trained. */
export class ModuleBuffer extends Parameter {
  /**
   * A buffer that is not encrypted yet.
   * @param shape sizes of the axes
   * @param options as of a parameter
   */
  constructor(shape: readonly number[], options: Omit<ParameterOptions, 'requiresGrad'> = {}) {
    super(shape, { ...options, requiresGrad: false });
  }
}
