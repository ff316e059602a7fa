/**
 * Randomness that was made ahead, as a session's source. The last party compares each operation with the table of its
 * tape before anything is computed, and takes each correction once; the others have their seed.
 *
 * Where a tape comes from, that it was used nowhere before, and that all members use the same one, is the business of
 * whoever opens it: by the time `open` resolves, the tape is spent.
 */

import { forPeers } from '../runtime/errors.js';
import type { FramePool } from '../runtime/frame-pool.js';
import { opKey } from '../runtime/prg.js';
import type {
  CorrelatedRandomness,
  DealtOperation,
  RandomnessContext,
  RandomnessSource,
} from '../runtime/randomness.js';
import { TapeError } from './errors.js';
import { TAPE } from './plan.js';
import { digestOf, type TapeEntry } from './table.js';

/** The corrections of a tape, as the last party reads them. */
export interface TapeCorrections {
  readonly table: readonly TapeEntry[];
  /**
   * Fills `into` with the corrections from byte `offset` on, in the order of the table.
   * @throws TapeError where they cannot be read, or are not as they were written
   */
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Nothing is read any more. May be called twice. */
  close?(): void;
}

/** A tape that is spent, and may be used by one session. */
export interface SpentTape {
  /** This party's. */
  readonly seed: Uint8Array;
  /** At the last party only. */
  readonly corrections?: TapeCorrections;
}

/**
 * A source without a dealer: `open` gives each party its tape, the same one at all of them.
 * @param open agrees with the other members and burns the tape: it must never give the same one twice. Its errors are
 * told to the others by their code only
 * @returns the source
 * @example additive({ randomness: tapeRandomness((context) => mine.open(context)) });
 */
export const tapeRandomness = (
  open: (context: RandomnessContext) => Promise<SpentTape>,
): RandomnessSource => ({
  name: TAPE,
  members: 0,
  async open(context) {
    const { comm, frames } = context;
    let tape: SpentTape;
    try {
      tape = await open(context);
    } catch (error) {
      comm.abort(forPeers(comm.rank, 'opening a tape', error as Error));
      throw error;
    }
    const { seed, corrections } = tape;
    if (comm.rank < context.parties - 1) return { seed, announce() {}, take: takesNothing, used() {} };
    if (corrections) comm.onAbort(() => corrections.close?.());
    if (!corrections) throw new TapeError('TAPE_FORMAT', 'the last party needs the corrections of the tape');
    return new TapePlayer(seed, corrections, frames);
  },
});

const takesNothing = (key: string): Promise<never> =>
  Promise.reject(
    new TapeError('TAPE_PLAN', `only the last party has corrections, also for operation ${key}`),
  );

/** opKey: a scope's id and the number in it. */
const KEY = /^(?:(\w+):)?(\d+)$/;

/** What is left of an entry. */
interface Rest {
  readonly entry: TapeEntry;
  readonly offset: number;
  announced: boolean;
  /** Chunks that were taken. */
  readonly taken: Set<number>;
  left: number;
}

class TapePlayer implements CorrelatedRandomness {
  readonly #rest = new Map<string, Rest>();
  /** The last operation of each scope. */
  readonly #last = new Map<string, number>();

  constructor(
    readonly seed: Uint8Array,
    readonly corrections: TapeCorrections,
    readonly frames: FramePool,
  ) {
    let offset = 0;
    for (const entry of corrections.table) {
      this.#rest.set(entry.key, { entry, offset, announced: false, taken: new Set(), left: entry.bytes });
      offset += entry.bytes;
      const [, scope = '', index] = KEY.exec(entry.key) as RegExpExecArray;
      this.#last.set(scope, Math.max(Number(index), this.#last.get(scope) ?? -1));
    }
  }

  announce({ id, descriptor }: DealtOperation): void {
    const key = opKey(id);
    const rest = this.#rest.get(key);
    const kind = (): string => `'${(JSON.parse(descriptor) as { kind: string }).kind}' (operation ${key})`;
    if (!rest) {
      throw id.index > (this.#last.get(id.scope) ?? Number.POSITIVE_INFINITY)
        ? new TapeError('TAPE_EXHAUSTED', `${kind()} comes after the last operation of the tape`)
        : new TapeError('TAPE_PLAN', `the tape was made for a program without ${kind()}`);
    }
    if (rest.announced) throw new TapeError('TAPE_SPENT', `${kind()} comes twice`);
    if (rest.entry.digest !== digestOf(descriptor))
      throw new TapeError('TAPE_PLAN', `the tape was made for another operation in place of ${kind()}`);
    rest.announced = true;
    if (rest.left === 0) this.#rest.delete(key);
  }

  async take(key: string, bytes: number): Promise<Uint8Array> {
    const [, operation, chunk] = /^(.*?)(?:\.(\d+))?$/.exec(key) as RegExpExecArray;
    const index = chunk === undefined ? 0 : Number(chunk);
    const rest = this.#rest.get(operation);
    if (!rest?.announced || rest.taken.has(index))
      throw new TapeError(
        'TAPE_SPENT',
        `the corrections of operation ${key} were taken before, or never announced`,
      );
    const { entry, offset, taken } = rest;
    const start = index * entry.chunkBytes;
    if (bytes !== Math.min(entry.chunkBytes, entry.bytes - start))
      throw new TapeError(
        'TAPE_PLAN',
        `the tape has other corrections than the ${bytes} bytes of operation ${key}`,
      );
    taken.add(index);
    rest.left -= bytes;
    if (rest.left === 0) this.#rest.delete(operation);
    const corrections = this.frames.take(bytes);
    await this.corrections.read(offset + start, corrections);
    return corrections;
  }

  used(corrections: Uint8Array): void {
    this.frames.give(corrections);
  }

  close(): void {
    this.corrections.close?.();
  }
}
