// What every operation needs: the kernels, their memory, and the way in and out of it.
//
// Large tensors live in the arena (arena.ts) as long as it has room, others in JavaScript memory. `stream` runs an
// elementwise kernel over those in blocks of BLOCK words: a block of each array is copied into its slot (which stays in
// the second-level cache), the kernel runs there, the result is copied out. Arrays that already are views of the kernels'
// memory are used where they are, and if all are, the kernel runs once over the whole length. Kernels never call back, so
// one set of slots is enough.
import { Arena } from './arena.js';
import { RingArgumentError, RingShapeError } from './errors.js';
import { instantiateKernels, type Kernels, PAGE_BYTES } from './kernels.js';
import { Scratch } from './scratch.js';
import type { Words } from './words.js';

/** Words in a block: three or four of them fit the second-level cache with room to spare. */
export const BLOCK = 8192;
const SLOTS = 8;
/** What the conversion of bit planes needs; ChaCha needs less. */
const WORK_BYTES = 2176;

/** Views of the kernels' memory that are used all the time. */
interface Views {
  readonly slotWords: readonly Words[];
  readonly slotBytes: readonly Uint8Array<ArrayBuffer>[];
  readonly workWords: Uint32Array;
}

const viewsOf = (buffer: ArrayBuffer, slots: readonly number[], work: number): Views => ({
  slotWords: slots.map((at) => new BigUint64Array(buffer, at, BLOCK)),
  slotBytes: slots.map((at) => new Uint8Array(buffer, at, BLOCK * 8)),
  workWords: new Uint32Array(buffer, work, 16),
});

/** What a kernel does to its first array: replace all of it, or read it as well. */
export type Target = 'write' | 'update';

export class Core {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly scratch: Scratch;
  /** Addresses of the slots. */
  readonly slots: readonly number[];
  /** WORK_BYTES for kernels that want a little work space. */
  readonly work: number;
  readonly #arenaBytes: number;
  /** Where the arrays of the kernel that runs now are. Kernels never call back. */
  readonly #addresses: number[] = new Array(SLOTS).fill(0);
  #arena: Arena | undefined;
  #views: Views;

  private constructor(kernels: Kernels, memory: WebAssembly.Memory, arenaBytes: number) {
    this.kernels = kernels;
    this.memory = memory;
    this.#arenaBytes = arenaBytes;
    this.scratch = new Scratch(memory, kernels.heapBase());
    this.work = this.scratch.keep(WORK_BYTES);
    const slots: number[] = [];
    // A cache line between slots keeps equal offsets of several arrays out of the same cache set.
    for (let i = 0; i < SLOTS; i++) slots.push(this.scratch.keep(BLOCK * 8 + 64));
    this.slots = slots;
    this.#views = viewsOf(this.buffer, slots, this.work);
  }

  static async load(module: WebAssembly.Module, memoryBytes: number, arenaBytes: number): Promise<Core> {
    const { kernels, memory } = await instantiateKernels(module, memoryBytes, arenaBytes);
    return new Core(kernels, memory, arenaBytes);
  }

  get buffer(): ArrayBuffer {
    return this.scratch.buffer;
  }
  /** Whole views of the slots. */
  get slotWords(): readonly Words[] {
    return this.#views.slotWords;
  }
  get slotBytes(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#views.slotBytes;
  }
  /** The first 64 bytes of the work space. */
  get workWords(): Uint32Array {
    return this.#views.workWords;
  }

  /**
   * Room for whole tensors, made when it is first asked for; undefined where there is none. Making it replaces the
   * memory's buffer, so it is not made while scratch memory is in use.
   */
  arena(): Arena | undefined {
    if (this.#arena || this.#arenaBytes === 0 || !this.scratch.isEmpty) return this.#arena;
    const start = this.buffer.byteLength;
    this.#arena = new Arena(start, start + this.#arenaBytes);
    try {
      this.memory.grow(Math.ceil(this.#arenaBytes / PAGE_BYTES));
    } catch {
      this.#arena = new Arena(0, 0); // this machine has no more to give: JavaScript memory does as well
      return this.#arena;
    }
    this.scratch.moveTo(this.memory);
    this.#views = viewsOf(this.buffer, this.slots, this.work);
    return this.#arena;
  }

  /** Whether the array lies in the kernels' memory. */
  owns(array: ArrayBufferView): boolean {
    return array.buffer === this.buffer;
  }

  /**
   * Runs an elementwise kernel; arrays[0] is its target. All lengths must be equal. The kernel must not keep `at`: it is
   * the same array every time, since what is made here is made for every block of every operation.
   */
  stream(
    name: string,
    arrays: readonly Words[],
    target: Target,
    kernel: (at: readonly number[], n: number, start: number) => void,
  ): void {
    const n = arrays[0].length;
    const at = this.#addresses;
    let direct = true;
    for (let j = 0; j < arrays.length; j++) {
      const array = arrays[j];
      if (array.length !== n) throw lengthError(name, arrays);
      if (array.buffer === this.buffer) at[j] = array.byteOffset;
      else direct = false;
    }
    if (n === 0) return;
    if (direct) kernel(at, n, 0);
    else for (let start = 0; start < n; start += BLOCK) this.#streamBlock(arrays, n, start, target, kernel);
  }

  #streamBlock(
    arrays: readonly Words[],
    n: number,
    start: number,
    target: Target,
    kernel: (at: readonly number[], n: number, start: number) => void,
  ): void {
    const at = this.#addresses;
    const count = Math.min(BLOCK, n - start);
    for (let j = 0; j < arrays.length; j++) {
      const array = arrays[j];
      if (array.buffer === this.buffer) at[j] = array.byteOffset + start * 8;
      else if (j > 1 && array === arrays[j - 1]) at[j] = at[j - 1];
      else {
        at[j] = this.slots[j];
        if (j > 0 || target === 'update')
          this.slotWords[j].set(count === n ? array : array.subarray(start, start + count));
      }
    }
    kernel(at, count, start);
    const out = arrays[0];
    if (out.buffer === this.buffer) return;
    const result = this.slotWords[0];
    out.set(count === BLOCK ? result : result.subarray(0, count), start);
  }

  /** Runs something and gives back the scratch that it took, also when it throws. */
  scoped<T>(run: () => T): T {
    const mark = this.scratch.mark();
    try {
      return run();
    } finally {
      this.scratch.release(mark);
    }
  }

  /** Runs a kernel on addresses: arrays that are not in scratch get a place there while it runs. */
  inScratch(
    outputs: readonly Words[],
    inputs: readonly Words[],
    kernel: (outputs: readonly number[], inputs: readonly number[]) => void,
  ): void {
    if (outputs.every((w) => this.owns(w)) && inputs.every((w) => this.owns(w))) {
      kernel(outputs.map(addressOf), inputs.map(addressOf));
      return;
    }
    this.scoped(() => {
      const places = outputs.map((out) => (this.owns(out) ? out : this.scratch.words(out.length)));
      // What a kernel leaves of an output stays as it is.
      places.forEach((place, i) => {
        if (place !== outputs[i]) place.set(outputs[i]);
      });
      kernel(
        places.map(addressOf),
        inputs.map((input) => this.stage(input)),
      );
      places.forEach((place, i) => {
        if (place !== outputs[i]) outputs[i].set(place);
      });
    });
  }

  /** Address of `words`, copied to fresh scratch unless it lies there already. */
  stage(words: Words): number {
    if (words.buffer === this.buffer) return words.byteOffset;
    const copy = this.scratch.words(words.length);
    copy.set(words);
    return copy.byteOffset;
  }
}

const addressOf = (words: Words): number => words.byteOffset;

function lengthError(name: string, arrays: readonly Words[]): RingShapeError {
  const lengths = arrays.map((a) => a.length).join(', ');
  return new RingShapeError(`${name}: arrays of different lengths: ${lengths}`);
}

/** Throws unless `value` is an integer in [low, high]. */
export function checkInteger(what: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RingArgumentError(`${what} must be an integer from ${low} to ${high}, not ${value}`);
}

/** Throws unless the length is as it must be. */
export function checkLength(what: string, length: number, wanted: number): void {
  if (length !== wanted) throw new RingShapeError(`${what}: length ${length}, needs ${wanted}`);
}
