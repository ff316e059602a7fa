/** A weight of a module: values at the model's owner, a shape elsewhere, and once encrypted an operand everywhere. */

import { ArgumentError, TacitError } from '@tacit/errors';
import type { Numbers } from '@tacit/graph';
import { CrypTensor, OwnedTensor, type Party, type WeightScales } from '@tacit/tensor';

/**
 * How a model is protected.
 * - 'owned': its owner takes part and keeps the weights in the clear; the others get them under a uniform mask only.
 * - 'shared': the weights are secret-shared, so that no party can use them alone.
 */
export type EncryptionMode = 'owned' | 'shared';

/** A module was used before encrypt(). */
export class NotEncryptedError extends TacitError {
  constructor(name: string) {
    super(
      'MODEL_NOT_ENCRYPTED',
      `the parameter '${name}' is not encrypted yet: call encrypt({ src }) on the model first`,
    );
  }
}

/** A weight of a module. */
export class Parameter {
  #operand: CrypTensor | OwnedTensor | undefined;
  #data: Numbers | undefined;
  #forgotten = false;

  /**
   * A weight that is not encrypted yet.
   * @param name name, for errors
   * @param shape sizes of the axes
   * @param data values, at the owner only; not copied, so they must not change
   * @param scales fraction bits of the terms; by default one term at the session's
   */
  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    data?: Numbers,
    /** How the values are scaled; public. */
    readonly scales?: WeightScales,
  ) {
    this.#data = data;
  }

  /** The values, at the owner only, until they are let go. */
  get data(): Numbers | undefined {
    return this.#data;
  }

  /**
   * Makes an operand of the values. All parties call it.
   * @param party this party
   * @param src rank of the owner
   * @param mode how the weight is protected
   * @throws ArgumentError where the values were let go
   */
  encrypt(party: Party, src: number, mode: EncryptionMode): void {
    if (this.#forgotten) throw new ArgumentError(`the values of the parameter '${this.name}' were let go`);
    this.#operand?.dispose();
    const options = { src, shape: this.shape, scales: this.scales };
    if (mode === 'shared') this.#operand = party.weights(this.data, options);
    else if (this.data && party.rank === src)
      this.#operand = new OwnedTensor(party.context, src, this.shape, this.data, this.scales);
    else this.#operand = party.owned(undefined, options);
  }

  get operand(): CrypTensor | OwnedTensor {
    if (!this.#operand) throw new NotEncryptedError(this.name);
    return this.#operand;
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
