// Room for whole tensors in the kernels' memory. A kernel uses an array from here where it lies; an array in JavaScript
// memory is copied to its slots block by block and back, which costs as much as the kernel. Ranges are found first fit
// from the lowest address, so what was used last, and is in the cache, is used again.
import { RingError } from './errors.js';

const ALIGN = 64;

interface Range {
  readonly start: number;
  readonly end: number;
}

export class Arena {
  /** In order of address, none touching another. */
  readonly #free: Range[];
  /** Ends of the ranges that are taken, by start. */
  readonly #taken = new Map<number, number>();

  /** Manages the addresses from `start` to `end`. */
  constructor(start: number, end: number) {
    const first = Math.ceil(start / ALIGN) * ALIGN;
    this.#free = first < end ? [{ start: first, end }] : [];
  }

  /** Address of that many bytes; undefined where no free range has room. */
  take(bytes: number): number | undefined {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    const index = this.#free.findIndex(({ start, end }) => end - start >= size);
    if (index < 0) return undefined;
    const { start, end } = this.#free[index];
    if (end - start === size) this.#free.splice(index, 1);
    else this.#free[index] = { start: start + size, end };
    this.#taken.set(start, start + size);
    return start;
  }

  /** Gives back what `take` returned. */
  give(start: number): void {
    const end = this.#taken.get(start);
    if (end === undefined)
      throw new RingError('POOL_DOUBLE_GIVE', `the array at ${start} was given back twice`);
    this.#taken.delete(start);
    let next = this.#free.findIndex((range) => range.start > start);
    if (next < 0) next = this.#free.length;
    const before = next > 0 ? this.#free[next - 1] : undefined;
    const after = this.#free[next];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    const range = {
      start: joinsBefore ? before.start : start,
      end: joinsAfter ? after.end : end,
    };
    this.#free.splice(next - Number(joinsBefore), Number(joinsBefore) + Number(joinsAfter), range);
  }

  /** Bytes that are taken. */
  get takenBytes(): number {
    let sum = 0;
    for (const [start, end] of this.#taken) sum += end - start;
    return sum;
  }
}
