/** A party as a launched program gets it: tensor's Party, with files and a way to tell the launcher something. */

import { encodeNpy, npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import type { Engine, OperationStats } from '@tacit/mpc';
import { type CrypTensor, Party } from '@tacit/tensor';

export interface LoadOptions {
  /** Rank of the party that has the file. No other party opens it. */
  readonly src: number;
  /** Fraction bits. Default the session's. */
  readonly precision?: number;
}

export interface SaveOptions {
  /** Rank of the party that learns the values and writes the file. */
  readonly src: number;
  /** Type of the elements in the file. Default 'float32'. */
  readonly dtype?: 'float32' | 'float64';
}

export class LaunchedParty<E extends Engine = Engine> extends Party<E> {
  /** Called when an operation is finished at this party. */
  onOperation: ((stats: OperationStats) => void) | undefined;
  readonly #notify: (data: unknown) => void;

  constructor(engine: E, notify: (data: unknown) => void) {
    super(engine);
    this.#notify = notify;
  }

  /** Hands `data` (anything that can be cloned) to the launcher's `onEvent`. */
  notify(data: unknown): void {
    this.#notify(data);
  }

  /**
   * A .npy file of party `src` as a secret tensor. The shape becomes known to all: one round.
   * Throws FileError and NpyFormatError at `src`.
   */
  async loadFromParty(path: string, { src, precision }: LoadOptions): Promise<CrypTensor> {
    // Numbered here, where the program says so: files of several parties may come in any order.
    const scope = `load ${this.#loads++}`;
    const reading = this.rank === src ? readWhole(path).then(parseNpy) : undefined;
    const shape = await this.announce<readonly number[]>(
      reading?.then((array) => array.shape),
      { src },
    );
    const array = await reading;
    const values = array && npyNumbers(array);
    return this.scope(scope, () => this.cryptensor(values, { src, shape, precision }), { last: true });
  }
  #loads = 0;

  /** Reveals a tensor to party `src` only, which writes it as a .npy file: all of it or nothing. One round. */
  async saveFromParty(
    tensor: CrypTensor,
    path: string,
    { src, dtype = 'float32' }: SaveOptions,
  ): Promise<void> {
    const plain = await tensor.revealFloat64({ to: src });
    if (!plain) return;
    writeAtomically(
      path,
      encodeNpy(plain.shape, dtype === 'float64' ? plain.data : Float32Array.from(plain.data)),
    );
  }
}
