/** Blocks of the kernels' memory, first fit from the lowest address, so that what was used last, and is in the cache, is used again. */
import { FloatsMemoryError } from './errors.js';

/** A cache line: no two blocks share one. */
const ALIGN = 64;

interface Block {
  readonly end: number;
  holders: number;
}

export class Arena {
  readonly #limit: number;
  /** In order of address, none touching another. */
  readonly #free: { start: number; end: number }[];
  readonly #taken = new Map<number, Block>();

  /** Manages the addresses from `start` to `end`. */
  constructor(start: number, end: number) {
    const first = Math.ceil(start / ALIGN) * ALIGN;
    this.#limit = end;
    this.#free = first < end ? [{ start: first, end }] : [];
  }

  /** Address of that many bytes, with one holder. Throws a FloatsMemoryError where no free range has room. */
  take(bytes: number): number {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    const index = this.#free.findIndex(({ start, end }) => end - start >= size);
    if (index < 0) throw new FloatsMemoryError(bytes, this.#limit);
    const range = this.#free[index];
    const { start } = range;
    if (range.end - start === size) this.#free.splice(index, 1);
    else range.start = start + size;
    this.#taken.set(start, { end: start + size, holders: 1 });
    return start;
  }

  /** One more holder of a block. */
  hold(start: number): void {
    const block = this.#taken.get(start);
    if (block) block.holders++;
  }

  /** One holder less; the last one frees the block. */
  give(start: number): void {
    const block = this.#taken.get(start);
    if (!block || --block.holders > 0) return;
    this.#taken.delete(start);
    const { end } = block;
    let next = this.#free.findIndex((range) => range.start > start);
    if (next < 0) next = this.#free.length;
    const before = this.#free[next - 1];
    const after = this.#free[next];
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    const range = { start: joinsBefore ? before.start : start, end: joinsAfter ? after.end : end };
    this.#free.splice(next - Number(joinsBefore), Number(joinsBefore) + Number(joinsAfter), range);
  }

  /** Bytes that are taken. */
  get takenBytes(): number {
    let sum = 0;
    for (const [start, { end }] of this.#taken) sum += end - start;
    return sum;
  }
}
