/**
 * Kernels, their memory, and the values in it. A value is a shape and a view of the memory; several values may share a
 * block (a reshape moves nothing). Operands may also be ordinary arrays, which are copied in while a kernel runs.
 */
import { ArgumentError } from '@tacit/errors';
import { sizeOf } from '@tacit/graph';
import { Arena } from './arena.js';
import { instantiateKernels, type Kernels } from './kernels.js';

/** Row-major, in single precision. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The largest memory of WebAssembly. */
const MOST_BYTES = 2 ** 32;

export class Machine {
  readonly kernels: Kernels;
  /** Work space of matrix products. */
  readonly work: number;
  readonly #buffer: ArrayBuffer;
  readonly #arena: Arena;
  /** Addresses of the blocks of the values that are alive. */
  readonly #blocks = new Map<FloatTensor, number>();
  readonly #scopes: Set<FloatTensor>[] = [];

  private constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.kernels = kernels;
    this.#buffer = memory.buffer as ArrayBuffer;
    this.#arena = new Arena(kernels.heapBase(), this.#buffer.byteLength);
    this.work = this.#arena.take(kernels.gemmWork());
  }

  static async create(memoryBytes: number): Promise<Machine> {
    if (!(Number.isSafeInteger(memoryBytes) && memoryBytes >= 2 ** 20 && memoryBytes <= MOST_BYTES))
      throw new ArgumentError(`memoryBytes must be a whole number from 2^20 to 2^32, not ${memoryBytes}`);
    const { kernels, memory } = await instantiateKernels(memoryBytes);
    return new Machine(kernels, memory);
  }

  /** Bytes that values and work space take. */
  get takenBytes(): number {
    return this.#arena.takenBytes;
  }

  /** A new value with arbitrary content. */
  take(shape: readonly number[]): FloatTensor {
    const count = sizeOf(shape);
    const address = this.#arena.take(count * 4);
    return this.#adopt({ shape, data: new Float32Array(this.#buffer, address, count) }, address);
  }

  /** A new value with given elements. */
  tensor(shape: readonly number[], data: ArrayLike<number>): FloatTensor {
    const made = this.take(shape);
    made.data.set(data);
    return made;
  }

  /** A new value of zeros. */
  zeros(shape: readonly number[]): FloatTensor {
    const made = this.take(shape);
    made.data.fill(0);
    return made;
  }

  /** The same elements under another shape. */
  view(x: FloatTensor, shape: readonly number[]): FloatTensor {
    const address = this.#blocks.get(x);
    if (address === undefined) return this.tensor(shape, x.data);
    this.#arena.hold(address);
    return this.#adopt({ shape, data: x.data }, address);
  }

  /** Frees a value of this machine; others are left alone. */
  dispose(x: FloatTensor): void {
    const address = this.#blocks.get(x);
    if (address === undefined) return;
    this.#blocks.delete(x);
    this.#arena.give(address);
  }

  /** Runs something and frees the values made in it that are not among its results. */
  scope(f: () => readonly FloatTensor[]): readonly FloatTensor[] {
    const made = new Set<FloatTensor>();
    this.#scopes.push(made);
    let kept: readonly FloatTensor[] = [];
    try {
      kept = f();
      return kept;
    } finally {
      this.#scopes.pop();
      const outer = this.#scopes.at(-1);
      for (const x of made)
        if (kept.includes(x)) outer?.add(x);
        else this.dispose(x);
    }
  }

  /** Runs a kernel on the addresses of its operands. */
  at<R>(operands: readonly FloatTensor[], f: (...addresses: number[]) => R): R {
    const copies: number[] = [];
    try {
      const addresses = operands.map(({ data }) => {
        if (data.buffer === this.#buffer) return data.byteOffset;
        const address = this.#arena.take(data.byteLength);
        copies.push(address);
        new Float32Array(this.#buffer, address, data.length).set(data);
        return address;
      });
      return f(...addresses);
    } finally {
      for (const address of copies) this.#arena.give(address);
    }
  }

  /** Runs something with a block of memory for itself. */
  borrow<R>(bytes: number, f: (address: number) => R): R {
    const address = this.#arena.take(bytes);
    try {
      return f(address);
    } finally {
      this.#arena.give(address);
    }
  }

  /** Double-precision numbers in borrowed memory. */
  doubles(address: number, count: number): Float64Array {
    return new Float64Array(this.#buffer, address, count);
  }

  /** Single-precision numbers in borrowed memory. */
  singles(address: number, count: number): Float32Array {
    return new Float32Array(this.#buffer, address, count);
  }

  /** Words in borrowed memory. */
  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.#buffer, address, count);
  }

  #adopt(x: FloatTensor, address: number): FloatTensor {
    this.#blocks.set(x, address);
    this.#scopes.at(-1)?.add(x);
    return x;
  }
}
