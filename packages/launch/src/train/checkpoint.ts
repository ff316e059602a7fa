/** Checkpoints: shares of weights and of the optimiser's state at every party, with the public place in the training. */
import type { Module, optim } from '@tacit/nn';
import type { CrypTensor } from '@tacit/tensor';
import { SharesMismatchError } from '../errors.js';
import type { LaunchedParty } from '../launched-party.js';

/** What a training goes on from. */
export interface Resumed {
  /** Epochs that are done. */
  readonly epoch: number;
  readonly seed: number;
  readonly model: Readonly<Record<string, CrypTensor>>;
  readonly optimizer: Readonly<Record<string, CrypTensor>>;
}

const MODEL = 'model/';
const OPTIMIZER = 'optimizer/';
const PLACE = 'place';
/** Public numbers in pieces that fixed point holds. */
const PIECE = 2 ** 16;

/** The files of a checkpoint: one at each party. */
export class Checkpoint {
  readonly #party: LaunchedParty;
  readonly #file: string;
  readonly #digest: readonly number[];

  /**
   * @param party this party
   * @param file path of the files, without the rank
   * @param digest of the config, in hexadecimal: a checkpoint is of one config
   */
  constructor(party: LaunchedParty, file: string, digest: string) {
    this.#party = party;
    this.#file = file;
    this.#digest = [0, 1, 2, 3].map((i) => Number.parseInt(digest.slice(4 * i, 4 * i + 4), 16));
  }

  /** Writes the files of all parties, or none. */
  async save({
    epoch,
    seed,
    model,
    optimizer,
  }: {
    readonly epoch: number;
    readonly seed: number;
    readonly model: Module;
    readonly optimizer: optim.Optimizer;
  }): Promise<void> {
    const place = [epoch % PIECE, Math.floor(epoch / PIECE), seed % PIECE, Math.floor(seed / PIECE)];
    const state = this.#party.cryptensor([...place, ...this.#digest], { src: 0 });
    await this.#party.saveShares(this.#file, {
      ...prefixed(MODEL, model.stateDict() as Record<string, CrypTensor>),
      ...prefixed(OPTIMIZER, optimizer.stateDict()),
      [PLACE]: state,
    });
    state.dispose();
  }

  /**
   * Reads the files of all parties. The place is public and is revealed.
   * @throws SharesMismatchError where they are of another training
   */
  async load(): Promise<Resumed> {
    const { [PLACE]: place, ...tensors } = await this.#party.loadShares(this.#file);
    const told = await place?.revealFloat64();
    const numbers = told && Array.from(told.data, Math.round);
    if (numbers?.length !== 4 + this.#digest.length)
      throw new SharesMismatchError(`${this.#file} is no checkpoint of a training, but other shares`);
    const [low, high, seedLow, seedHigh, ...digest] = numbers;
    if (String(digest) !== String(this.#digest))
      throw new SharesMismatchError(
        `${this.#file} is the checkpoint of another config: only 'epochs' and what is saved at the end may change`,
      );
    place.dispose();
    return {
      epoch: low + high * PIECE,
      seed: seedLow + seedHigh * PIECE,
      model: unprefixed(MODEL, tensors),
      optimizer: unprefixed(OPTIMIZER, tensors),
    };
  }
}

const prefixed = <T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]));

const unprefixed = <T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
