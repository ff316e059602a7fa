// Memory of the kernels: rows of one size, of which everything large is made, and blocks of any size for tables. What is
// given back is kept in lists by size and used again; the memory itself only grows.
import { RlweMemoryError } from './errors.js';

const PAGE = 65536;
const LINE = 64;
/** Growth at a time, where the limit allows it: 1/4 of what there is, between these bounds. */
const GROW_LEAST = 4 << 20;
const GROW_MOST = 128 << 20;

export class Memory {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #rowBytes: number;
  readonly #freeRows: number[] = [];
  readonly #freeBlocks = new Map<number, number[]>();
  #top: number;
  #words: Uint32Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;
  #doubles: Float64Array<ArrayBuffer>;

  constructor(memory: WebAssembly.Memory, base: number, ringDegree: number, limit: number) {
    this.#memory = memory;
    this.#limit = limit;
    // A cache line more than the residues, so that equal places of neighbouring rows do not share a cache set.
    this.#rowBytes = ringDegree * 4 + LINE;
    this.#top = Math.ceil(base / LINE) * LINE;
    this.#words = new Uint32Array(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#doubles = new Float64Array(memory.buffer);
  }

  /** Bytes of linear memory, free rows and blocks included. */
  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Views of the whole memory. Do not keep them: growth detaches them. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  get doubles(): Float64Array<ArrayBuffer> {
    return this.#doubles;
  }

  /** Addresses of `count` rows with arbitrary content, all or none. */
  takeRows(count: number): number[] {
    const missing = count - this.#freeRows.length;
    if (missing > 0) this.#reserve(missing * this.#rowBytes);
    const rows: number[] = [];
    for (let i = 0; i < count; i++) rows.push(this.#freeRows.pop() ?? this.#carve(this.#rowBytes));
    return rows;
  }

  giveRows(rows: readonly number[]): void {
    for (const row of rows) this.#freeRows.push(row);
  }

  /** Runs something with rows that are given back after it. */
  withRows<T>(count: number, body: (rows: number[]) => T): T {
    const rows = this.takeRows(count);
    try {
      return body(rows);
    } finally {
      this.giveRows(rows);
    }
  }

  /** Address of at least `bytes` bytes, aligned to a cache line. */
  takeBlock(bytes: number): number {
    const size = blockSize(bytes);
    const free = this.#freeBlocks.get(size)?.pop();
    if (free !== undefined) return free;
    this.#reserve(size);
    return this.#carve(size);
  }

  /** Gives back a block; `bytes` as it was taken. */
  giveBlock(at: number, bytes: number): void {
    const size = blockSize(bytes);
    const list = this.#freeBlocks.get(size);
    if (list) list.push(at);
    else this.#freeBlocks.set(size, [at]);
  }

  withBlock<T>(bytes: number, body: (at: number) => T): T {
    const at = this.takeBlock(bytes);
    try {
      return body(at);
    } finally {
      this.giveBlock(at, bytes);
    }
  }

  #carve(bytes: number): number {
    const at = this.#top;
    this.#top += bytes;
    return at;
  }

  #reserve(bytes: number): void {
    const size = this.byteLength;
    const needed = this.#top + bytes - size;
    if (needed <= 0) return;
    const room = this.#limit - size;
    if (needed > room) throw new RlweMemoryError(bytes, this.#limit);
    const generous = Math.min(Math.max(needed, GROW_LEAST, Math.min(size / 4, GROW_MOST)), room);
    const grown = this.#grow(generous) || this.#grow(needed);
    if (!grown) throw new RlweMemoryError(bytes, size);
    this.#words = new Uint32Array(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#doubles = new Float64Array(this.#memory.buffer);
  }

  #grow(bytes: number): boolean {
    try {
      this.#memory.grow(Math.ceil(bytes / PAGE));
      return true;
    } catch {
      return false;
    }
  }
}

/** Sizes of blocks: four to each power of two, at least 256 bytes. */
function blockSize(bytes: number): number {
  const least = Math.max(bytes, 256);
  const step = 2 ** (Math.ceil(Math.log2(least)) - 3);
  return Math.ceil(least / step) * step;
}
