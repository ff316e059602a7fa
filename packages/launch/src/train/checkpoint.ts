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
  /** Steps of each parameter that is trained. */
  readonly steps: readonly number[];
  /** What the optimiser kept for parameters. */
  readonly slots: Readonly<Record<string, CrypTensor>>;
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
    const { parameters, slots } = optimizer.stateDict();
    const place = [epoch, seed, ...parameters.map(({ steps }) => steps)].flatMap(pieces);
    const state = this.#party.cryptensor([...this.#digest, ...place], { src: 0 });
    await this.#party.saveShares(this.#file, {
      ...prefixed(MODEL, model.stateDict() as Record<string, CrypTensor>),
      ...prefixed(OPTIMIZER, slots),
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
    const own = this.#digest.length;
    if (!numbers || numbers.length < own + 4)
      throw new SharesMismatchError(`${this.#file} is no checkpoint of a training, but other shares`);
    if (String(numbers.slice(0, own)) !== String(this.#digest))
      throw new SharesMismatchError(
        `${this.#file} is the checkpoint of another config: only 'epochs' and what is saved at the end may change`,
      );
    place.dispose();
    const [epoch, seed, ...steps] = whole(numbers.slice(own));
    return { epoch, seed, steps, model: unprefixed(MODEL, tensors), slots: unprefixed(OPTIMIZER, tensors) };
  }
}

/** The state of a fresh optimiser, moved on. */
export function moveOn(optimizer: optim.Optimizer, { steps, slots }: Resumed): void {
  const fresh = optimizer.stateDict();
  const parameters = fresh.parameters.map((parameter, i) => ({ ...parameter, steps: steps[i] }));
  optimizer.loadState({ ...fresh, parameters, slots });
}

const pieces = (value: number): number[] => [value % PIECE, Math.floor(value / PIECE)];
const whole = (parts: readonly number[]): number[] =>
  Array.from({ length: parts.length / 2 }, (_, i) => parts[2 * i] + PIECE * parts[2 * i + 1]);

const prefixed = <T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [prefix + name, value]));

const unprefixed = <T>(prefix: string, named: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
