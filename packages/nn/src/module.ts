/** The base of all modules: parameters, submodules, and a forward pass on secret tensors. */
import { ArgumentError } from '@tacit/errors';
import { type CrypTensor, type OwnedTensor, type Party, type Plain, tidy } from '@tacit/tensor';
import type { OnnxDraft, OnnxValue } from './export/onnx-draft.js';
import { type EncryptionMode, ModuleBuffer, Parameter, type Source } from './parameter.js';
import { loadState, type State } from './state.js';
import { type ModelSummary, type SummaryOptions, summarize } from './summary.js';

export interface EncryptOptions {
  /** Rank of the party whose initial values count; 'nobody' draws them so that no party knows them. */
  readonly src: Source;
  /** Default 'shared' for models with parameters that are trained, 'owned' for others. */
  readonly mode?: EncryptionMode;
}

/** A parameter, a buffer or a module in a field of a module. */
export type Member = Parameter | Module;

/**
 * A part of a network: parameters, submodules, and what it computes. Parameters, buffers and modules in fields of a
 * subclass, and in arrays there, belong to it under the names of the fields, as in PyTorch.
 */
export abstract class Module {
  #training = true;

  /**
   * One output for the inputs; issues operations and returns at once.
   * @param inputs secret tensors
   * @returns a handle, at once
   */
  abstract forward(...inputs: readonly CrypTensor[]): CrypTensor;

  /**
   * All outputs for the inputs: where a module has several, `forward` gives the first.
   * @param inputs secret tensors
   * @returns handles, at once
   */
  forwardAll(...inputs: readonly CrypTensor[]): CrypTensor[] {
    return [this.forward(...inputs)];
  }

  /**
   * Writes what it computes after training as nodes of ONNX, for `party.exportOnnx`. By default it cannot be written.
   * @param _draft what takes nodes, constants and parameters
   * @param _inputs its inputs
   * @returns its outputs; undefined where it cannot be written, after `draft.refuse` where there is a reason
   */
  toOnnx(_draft: OnnxDraft, ..._inputs: readonly OnnxValue[]): readonly OnnxValue[] | undefined {
    return undefined;
  }

  /** Whether it is being trained: what BatchNorm and Dropout go by. */
  get training(): boolean {
    return this.#training;
  }

  /** What it consists of, by name; by default the fields. */
  *members(): Generator<[name: string, member: Member]> {
    for (const [name, value] of Object.entries(this))
      if (Array.isArray(value))
        for (const [i, element] of value.entries()) {
          if (isMember(element)) yield [`${name}.${i}`, element];
        }
      else if (isMember(value)) yield [name, value];
  }

  /** Every parameter and buffer under the names of the fields that lead to it, each once. */
  *#state(prefix = '', seen = new Set<Member>()): Generator<[string, Parameter]> {
    for (const [name, member] of this.members()) {
      if (seen.has(member)) continue;
      seen.add(member);
      if (member instanceof Parameter) yield [prefix + name, member];
      else yield* member.#state(`${prefix}${name}.`, seen);
    }
  }

  /** The parameters of this module and its submodules, by name. */
  *namedParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const [name, member] of this.#state()) if (!(member instanceof ModuleBuffer)) yield [name, member];
  }
  /** The parameters of this module and its submodules. */
  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }
  /** What is part of the state and never trained, by name. */
  *namedBuffers(): Generator<[name: string, buffer: ModuleBuffer]> {
    for (const [name, member] of this.#state()) if (member instanceof ModuleBuffer) yield [name, member];
  }
  /** What is part of the state and never trained. */
  *buffers(): Generator<ModuleBuffer> {
    for (const [, buffer] of this.namedBuffers()) yield buffer;
  }
  /** This module and everything below it. */
  *modules(): Generator<Module> {
    yield this;
    for (const [, member] of this.members()) if (member instanceof Module) yield* member.modules();
  }

  /** Parameters that are operands of products, and so are masked once. */
  *multiplied(): Generator<Parameter> {
    for (const [, member] of this.members()) if (member instanceof Module) yield* member.multiplied();
  }

  /**
   * Says whether the module is being trained, it and everything below it.
   * @param training default true
   * @returns this module
   */
  train(training = true): this {
    for (const module of this.modules()) module.#training = training;
    return this;
  }
  /** Ends training: running statistics instead of those of the batch, no dropout. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Encrypts all parameters and buffers. All parties call it; only the owner's values count.
   * @param party this party
   * @param options owner and mode
   * @returns this module
   * @throws ArgumentError for a party or a mode that does not exist
   * @example await model.encrypt(party, { src: 0 }).prepare();
   */
  encrypt(party: Party, options: EncryptOptions): this {
    const state = [...this.#state()].map(([, parameter]) => parameter);
    const trained = state.some(({ requiresGrad }) => requiresGrad);
    const { src, mode = trained ? 'shared' : 'owned' } = options;
    if (mode !== 'owned' && mode !== 'shared')
      throw new ArgumentError(`a model is encrypted with mode 'owned' or 'shared', not '${String(mode)}'`);
    if (src !== 'nobody' && !(Number.isInteger(src) && src >= 0 && src < party.worldSize))
      throw new ArgumentError(
        `src is a rank from 0 to ${party.worldSize - 1} or 'nobody', not ${String(src)}`,
      );
    for (const parameter of state) parameter.encrypt(party, src, mode);
    return this;
  }

  /** Sends the masked weights now, so that the first inference does not. One round for the whole model. */
  async prepare(): Promise<void> {
    await Promise.all([...this.multiplied()].map((p) => p.masked));
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = undefined;
  }

  /**
   * Gradient descent without an optimiser: each parameter less its gradient times lr. No round.
   * @param lr learning rate
   * @throws ArgumentError where it is not a positive number
   * @example model.updateParameters(0.1);
   */
  updateParameters(lr: number): void {
    if (!(lr > 0 && Number.isFinite(lr))) throw new ArgumentError(`a learning rate of ${lr}`);
    for (const parameter of this.parameters()) {
      const { grad } = parameter;
      if (!grad) continue;
      const value = parameter.operand as CrypTensor;
      parameter.assign(tidy(value.context, () => value.detach().sub(grad.mul(lr))));
    }
  }

  /**
   * Parameters and buffers by name: the operands of an encrypted model, which stay the model's; values of one that is not.
   * @returns tensors by name
   * @example await party.saveShares('checkpoint', { model });
   */
  stateDict(): Record<string, CrypTensor | OwnedTensor | Plain> {
    return Object.fromEntries(
      Array.from(this.#state(), ([name, p]) => [
        name,
        p.encrypted ? p.operand : { shape: p.shape, data: p.values() },
      ]),
    );
  }

  /**
   * Takes the values of another model of the same form: secret tensors, which belong to this model then, or values in the
   * clear, of which only the owner's count once it is encrypted.
   * @param state tensors for exactly the names of `stateDict()`
   * @returns this module
   * @throws ArgumentError where names are missing or unknown, or shapes differ; nothing is changed then
   * @example model.loadState((await party.loadShares('checkpoint')).model);
   */
  loadState(state: State): this {
    loadState(new Map(this.#state()), state);
    return this;
  }

  /**
   * Tells party `to` (all without it) parameters and buffers. One round.
   * @param options `to`: rank of the only party that learns the values
   * @returns values by name where they are told
   * @throws ArgumentError as of `revealFloat64`; NotEncryptedError before encrypt()
   * @example const weights = await model.decrypt({ to: 0 });
   */
  async decrypt(options: { readonly to?: number } = {}): Promise<Record<string, Plain> | undefined> {
    const told = Array.from(this.#state(), ([name, parameter]) => [name, parameter.reveal(options)] as const);
    const values = await Promise.all(told.map(async ([name, value]) => [name, await value] as const));
    if (values.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(values) as Record<string, Plain>;
  }

  /**
   * The model as a table: layers, output shapes, parameters, and the rounds and bytes of an inference by layer. Nothing
   * is computed or sent, and the model need not be encrypted.
   * @param inputShape shape of the input with the batch, or shapes of several inputs
   * @param options parties, mode and settings that costs are counted for
   * @returns rows and sums; its `toString()` is the table
   * @throws ShapeError where the input does not fit the model
   * @example console.log(String(model.summary([1, 784])));
   */
  summary(
    inputShape: readonly number[] | readonly (readonly number[])[],
    options: SummaryOptions = {},
  ): ModelSummary {
    return summarize(this, inputShape, options);
  }

  /** Frees all parameters and buffers. */
  dispose(): void {
    for (const [, parameter] of this.#state()) parameter.dispose();
  }
}

const isMember = (value: unknown): value is Member => value instanceof Parameter || value instanceof Module;
