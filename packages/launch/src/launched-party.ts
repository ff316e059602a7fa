/** A party as a launched program gets it: tensor's Party, with files and a way to tell the launcher something. */

import { ArgumentError } from '@tacit/errors';
import { readNumbers, writeNumbers } from '@tacit/files';
import { checkOptions } from '@tacit/graph';
import type { Engine, OperationStats } from '@tacit/mpc';
import type { Module } from '@tacit/nn';
import { type CrypTensor, Party, Twin } from '@tacit/tensor';
import { outcomeOf } from './agreed-outcome.js';
import { type ExportOnnxOptions, exportOnnx } from './export-onnx.js';
import { loadShares, type NamedTensors, saveShares } from './kept-shares.js';
import type { TwinMode } from './options.js';
import { printInTurn } from './print.js';

/** How long a party that failed waits for its turn to print. */
const LAST_WORDS_MS = 250;

export interface LoadOptions {
  /** Rank of the party that has the file. No other party opens it. */
  readonly src: number;
  /** Which array, in .npz and .safetensors files. May be left out where there is one. */
  readonly key?: string;
  /** Fraction bits. Default the session's. */
  readonly precision?: number;
  /** Whether `backward` is to compute its gradient. Default false. */
  readonly requiresGrad?: boolean;
}

export interface SaveOptions {
  /** Rank of the party that learns the values and writes the file. */
  readonly src: number;
  /** Type of the elements in the file. Default 'float32'. */
  readonly dtype?: 'float32' | 'float64';
}

/** A party of a launched program: what tensors are made with, files, and a way to tell the launcher something. */
export class LaunchedParty<E extends Engine = Engine> extends Party<E> {
  /** Called when an operation is finished at this party. */
  onOperation: ((stats: OperationStats) => void) | undefined;
  readonly #notify: (data: unknown) => void;
  readonly #twin: Twin | undefined;

  /**
   * Made by the launcher.
   * @param engine this party's side of the computation
   * @param notify takes what the program tells the launcher
   * @param twin whether every operation is revealed and checked in double precision
   */
  constructor(engine: E, notify: (data: unknown) => void, twin?: TwinMode) {
    super(engine);
    this.#notify = notify;
    if (twin !== undefined) this.#twin = new Twin(this.context);
  }

  /**
   * Hands something to the launcher's `onEvent`.
   * @param data anything that can be cloned
   */
  notify(data: unknown): void {
    this.#notify(data);
  }

  /**
   * Numbers of a file of party `src` as a secret tensor: .npy, .npz and .safetensors with `key`, or .csv (numbers
   * separated by commas, the first line may name the columns). The shape becomes known to all: one round.
   * @param path of the file, at `src`
   * @param options whose file it is, which array of it, with how many fraction bits it is shared, and whether its
   * gradient is wanted
   * @returns the tensor, once its shape is known
   * @throws FileError, NpyFormatError, ArrayFileError at `src`, PeerFileError with the code of that elsewhere
   * @example const x = await party.loadFromParty('patients.npz', { src: 0, key: 'features' });
   */
  async loadFromParty(path: string, options: LoadOptions): Promise<CrypTensor> {
    checkOptions('loadFromParty', options, ['src', 'key', 'precision', 'requiresGrad']);
    const { src, key, precision, requiresGrad = false } = options;
    if (typeof requiresGrad !== 'boolean')
      throw new ArgumentError(`loadFromParty: requiresGrad is true or false, not ${String(requiresGrad)}`);
    // Numbered here, where the program says so: files of several parties may come in any order.
    const scope = `load ${this.#loads++}`;
    const reading = this.rank === src ? readNumbers(path, key) : undefined;
    const shape = await outcomeOf<readonly number[]>(
      this,
      src,
      reading?.then((numbers) => numbers.shape),
    );
    const values = (await reading)?.data;
    return this.scope(scope, () => this.cryptensor(values, { src, shape, precision, requiresGrad }), {
      last: true,
    });
  }
  #loads = 0;

  /**
   * Reveals a tensor to party `src` only, which writes it as a .npy or .csv file: all of it or nothing. Two rounds.
   * @param tensor what is told
   * @param path of the file, at `src`
   * @param options who learns the values, and the type of the elements
   * @returns when the file is there, at all parties
   * @throws FileError, ArrayFileError at `src`, PeerFileError with the code of that elsewhere
   * @example await party.saveFromParty(scores, 'scores.csv', { src: 1 });
   */
  async saveFromParty(tensor: CrypTensor, path: string, options: SaveOptions): Promise<void> {
    checkOptions('saveFromParty', options, ['src', 'dtype']);
    const { src, dtype = 'float32' } = options;
    if (dtype !== 'float32' && dtype !== 'float64')
      throw new ArgumentError(`saveFromParty: dtype is 'float32' or 'float64', not '${dtype}'`);
    if (src === undefined) throw new ArgumentError('saveFromParty: src is the party that learns the values');
    const written = tensor.revealFloat64({ to: src }).then((plain) => {
      if (plain) writeNumbers(path, plain, dtype);
      return true;
    });
    await outcomeOf(this, src, written);
  }

  /**
   * Tells party `to` the weights of a model, which writes it as a file that onnxruntime runs: all of it or nothing. What
   * the model computes after training is written. Two rounds.
   * @param model encrypted model, a Sequential or another tree of modules that can be written, or a Graph
   * @param path of the file, at `to`
   * @param options `to`, who alone learns the weights; `inputShape`, or `inputShapes` by name, where layers do not say sizes
   * @returns when the file is there, at all parties
   * @throws ModelExportError naming every module that cannot be written: nothing is revealed then
   * @throws FileError at `to`, PeerFileError with the code of that elsewhere; ArgumentError; NotEncryptedError
   * @example await party.exportOnnx(model, 'model.onnx', { to: 0, inputShape: ['batch', 1, 28, 28] });
   */
  async exportOnnx(model: Module, path: string, options: ExportOnnxOptions): Promise<void> {
    return exportOnnx(this, model, path, options);
  }

  /**
   * Keeps tensors beyond this computation: each party writes its shares into a file of its own, `path` with '.' and its
   * rank behind it, that only its user may read. A file says nothing about the values without the files of all other
   * parties. Either all parties' files are put in place or none. Three rounds.
   *
   * Models, optimisers and schedules are kept with all fraction bits of their tensors. Shapes, names, learning rates and
   * counts of steps are in the clear, and so are numbers, texts and lists of them, which have to be the same at all parties.
   * @param path of the files, without the rank
   * @param tensors tensors, models, optimisers, schedules and public values by name, the same names at all parties
   * @returns when the files of all parties are in their places
   * @throws FileError at a party that cannot write, PeerFileError at the others
   * @throws ArgumentError for anything else, tensors of another party or session, and models that are not encrypted or are
   * kept by their owner
   * @throws SharesMismatchError where names, shapes or public values are not the same at all parties
   * @example await party.saveShares('checkpoint.shares', { model, optimizer, epoch: 7 });
   */
  async saveShares(path: string, tensors: NamedTensors): Promise<void> {
    return saveShares(this, path, tensors);
  }

  /**
   * What files hold that `saveShares` wrote, at as many parties, each with its own: tensors, public values, and of models,
   * optimisers and schedules the states that their `loadState` takes. One round.
   * @param path of the files, without the rank
   * @returns tensors and states by name
   * @throws SharesMismatchError for the file of another party, of another number of parties or of another save
   * @throws SharesFormatError, FileError at the party whose file is damaged or missing, PeerFileError at the others
   * @example
   * const saved = await party.loadShares('checkpoint.shares');
   * model.loadState(saved.model);
   * optimizer.loadState(saved.optimizer);
   */
  async loadShares<T extends object = Record<string, CrypTensor>>(path: string): Promise<T> {
    return loadShares(this, path, `load ${this.#loads++}`) as Promise<T>;
  }

  /**
   * Prints at every party, in rank order: at the terminal of the launch, or at each party's own in a session of several
   * machines. Nobody learns what another party prints there.
   * @param values as of console.log; a tensor is shown by its shape
   * @returns when all have printed; need not be awaited
   * @example party.print('loss', await loss.item());
   */
  print(...values: unknown[]): Promise<void> {
    const printed = printInTurn(this, values, this.#printed);
    this.#printed = printed.catch(() => {}); // reported by the computation that failed
    return printed.catch(() => {});
  }
  #printed: Promise<unknown> = Promise.resolve();

  /**
   * Runs a program to its end, and to that of everything that it did not await. Called by the launcher.
   * @param program what this party does
   * @returns its result
   * @throws TwinError where a twin found a wrong operation; otherwise what the program throws
   */
  async conclude<T>(program: () => Promise<T> | T): Promise<T> {
    try {
      const result = await program();
      await this.#printed;
      const wrong = await this.#twin?.verdict();
      if (wrong) throw wrong;
      return result;
    } catch (error) {
      // What was printed before it failed helps most; it may wait for the others' turns, but not for long.
      await Promise.race([this.#printed, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
      // What went wrong before is the cause, if it is known by now.
      throw (await this.#twin?.verdict().catch(() => undefined)) ?? error;
    }
  }
}
