/** What a program gets as its party: makes tensors, knows who it is, counts what was sent. */

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { CommStats } from '@tacit/comm';
import { type Session, ShapeError, shareInput } from '@tacit/mpc';
import { CrypTensor } from './cryptensor.js';
import { OwnedTensor } from './owned-tensor.js';
import { type PlainInput, toPlain } from './plain.js';
import { tidy } from './tidy.js';

export interface TensorOptions {
  /** Rank of the party that owns the values. Only its argument is used. */
  readonly src: number;
  /** Needed where the values are not given (at parties that don't own them). */
  readonly shape?: readonly number[];
  /** Fraction bits. Default the session's. */
  readonly precision?: number;
}

export class Party {
  constructor(readonly session: Session) {}

  get rank(): number {
    return this.session.rank;
  }
  get worldSize(): number {
    return this.session.parties;
  }
  /** Frames, bytes, rounds and waiting of this party so far. */
  get stats(): CommStats {
    return this.session.comm.stats;
  }

  /**
   * Shares a tensor that party `src` owns: no message. The other parties give the same shape, by any values or by
   * `shape`. Throws at the owner where a value is not a number or out of range.
   */
  cryptensor(values: PlainInput | undefined, options: TensorOptions): CrypTensor {
    this.#checkRank(options.src);
    const mine = this.rank === options.src;
    const plain = values === undefined ? undefined : toPlain(values, options.shape);
    const shape = options.shape ?? plain?.shape;
    if (!shape) throw new ShapeError('a tensor without values needs a shape');
    if (mine && !plain) throw new ShapeError(`party ${options.src} owns the tensor and gave no values`);
    const scale = options.precision ?? this.session.config.fractionBits;
    const words = mine && plain ? this.session.ring.encode(plain.data, scale) : undefined;
    return new CrypTensor(this.session, shareInput(this.session, options.src, shape, words, scale), scale);
  }

  /** A tensor that party `src` keeps in the clear, as an operand of products (model-owner mode). */
  owned(
    values: PlainInput | undefined,
    options: { readonly src: number; readonly shape?: readonly number[] },
  ): OwnedTensor {
    this.#checkRank(options.src);
    const mine = this.rank === options.src;
    const plain = values === undefined ? undefined : toPlain(values, options.shape);
    const shape = options.shape ?? plain?.shape;
    if (!shape) throw new ShapeError('a tensor without values needs a shape');
    if (mine && !plain) throw new ShapeError(`party ${options.src} owns the tensor and gave no values`);
    return new OwnedTensor(this.session, options.src, shape, mine ? plain?.data : undefined);
  }

  /** Runs f, which must not await, and disposes every tensor that it makes but those that it returns. */
  tidy<T>(f: () => T): T {
    return tidy(this.session, f);
  }

  /**
   * Runs f with operations numbered on their own. Concurrent parts of a program (callbacks, requests) may reach their
   * operations in different orders at different parties; each gets a scope with a name of its own. f must not await.
   *
   * A tensor that several scopes multiply with must be prepared before them by `await x.masked()`: else the first use
   * makes its mask, and the parties disagree which one that is (PROGRAM_MISMATCH).
   *
   * A scope takes memory until it ends, by `last` or `endScope`; its name cannot be used again then.
   */
  scope<T>(name: string, f: () => T, options: { readonly last?: boolean } = {}): T {
    return this.session.scope(name, f, options);
  }

  /** Ends a scope: nothing can be issued in it any more. What it has issued goes on. */
  endScope(name: string): void {
    this.session.endScope(name);
  }

  /**
   * Tells everybody a public JSON value that party `src` knows, e.g. a shape; it may still be on its way there. One
   * round. The place of the call in the program says which announcement it is.
   */
  async announce<T>(value: T | Promise<T> | undefined, options: { readonly src: number }): Promise<T> {
    this.#checkRank(options.src);
    const { comm, parties } = this.session;
    const key = `public/${this.#announced++}`;
    if (this.rank === options.src) {
      const text = JSON.stringify(await value);
      for (let peer = 0; peer < parties; peer++)
        if (peer !== this.rank) comm.send(peer, key, utf8ToBytes(text));
      return JSON.parse(text);
    }
    return JSON.parse(new TextDecoder().decode(await comm.receive(options.src, key)));
  }
  #announced = 0;

  #checkRank(src: number): void {
    if (!Number.isInteger(src) || src < 0 || src >= this.worldSize)
      throw new RangeError(`there is no party ${src} among ${this.worldSize}`);
  }
}
