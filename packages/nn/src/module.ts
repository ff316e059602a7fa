/** The base of all modules: parameters, submodules, and a forward pass on secret tensors. */
import type { CrypTensor, Party } from '@tacit/tensor';
import type { EncryptionMode, Parameter } from './parameter.js';

export interface EncryptOptions {
  /** Rank of the party that owns the weights. */
  readonly src: number;
  /** Default 'owned'. */
  readonly mode?: EncryptionMode;
}

/** A part of a network: parameters, submodules, and what it computes. */
export abstract class Module {
  /** Own parameters, not those of submodules. */
  readonly ownParameters: Parameter[] = [];
  readonly submodules: Module[] = [];

  /**
   * One output for the inputs; issues operations and returns at once.
   * @param inputs secret tensors
   * @returns a handle, at once
   */
  abstract forward(...inputs: readonly CrypTensor[]): CrypTensor;

  /** The parameters of this module and its submodules. */
  *parameters(): Generator<Parameter> {
    yield* this.ownParameters;
    for (const module of this.submodules) yield* module.parameters();
  }

  /** Parameters that are operands of products, and so are masked once. */
  *multiplied(): Generator<Parameter> {
    for (const module of this.submodules) yield* module.multiplied();
  }

  /**
   * Encrypts all parameters. All parties call it; only the owner has values.
   * @param party this party
   * @param options owner and mode
   * @returns this module
   * @example await model.encrypt(party, { src: 0 }).prepare();
   */
  encrypt(party: Party, { src, mode = 'owned' }: EncryptOptions): this {
    for (const parameter of this.parameters()) parameter.encrypt(party, src, mode);
    return this;
  }

  /** Sends the masked weights now, so that the first inference does not. One round for the whole model. */
  async prepare(): Promise<void> {
    await Promise.all([...this.multiplied()].map((p) => p.masked));
  }

  /** Frees all parameters. */
  dispose(): void {
    for (const parameter of this.parameters()) parameter.dispose();
  }
}

/** A module with one input and no parameters, from a function. */
export class Lambda extends Module {
  readonly #apply: (...inputs: readonly CrypTensor[]) => CrypTensor;
  /**
   * A module that computes a function.
   * @param apply function of the inputs
   */
  constructor(apply: (...inputs: readonly CrypTensor[]) => CrypTensor) {
    super();
    this.#apply = apply;
  }
  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    return this.#apply(...inputs);
  }
}
