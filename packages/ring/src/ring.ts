// The ring Z_2^64: everything that the kernels do, as methods on arrays of words. All operations are synchronous
// and work on arrays in JavaScript memory as well as on views of `ring.scratch` or from the arena (without copies, then).
// Views of scratch that was released are dead: the memory may get another buffer when the arena is made.
// Here are shapes, linear algebra and conversions; `ring-elementwise.ts` and `ring-masked.ts` have the rest.
import type { Arena } from './arena.js';
import { type BinaryOperation, binary } from './binary.js';
import { type BitInstruction, BitProgram, encodeBitProgram, runBitProgram } from './bit-program.js';
import { gather, pad } from './broadcast.js';
import { type Accumulation, type ChaChaRounds, chacha, type Keystream } from './chacha.js';
import {
  type Conv1dSizes,
  type Conv2dSizes,
  conv1d,
  conv2d,
  type WindowSumSizes,
  windowSum2d,
} from './conv.js';
import { BLOCK, Core, checkInteger } from './core.js';
import { decode, type EncodeOptions, encode, type FloatArray } from './fixed-point.js';
import { compileKernels } from './kernels.js';
import { type MatmulSizes, matmul, matmulPlain } from './matmul.js';
import { pack, unpack } from './packing.js';
import { fromPlanes, toPlanes } from './planes.js';
import { sumAxes } from './reduce.js';
import { MaskedRing } from './ring-masked.js';
import type { Scratch } from './scratch.js';
import type { Shape, View } from './shapes.js';
import type { Words } from './words.js';

export interface RingOptions {
  /** Kernels compiled before (see compileKernels), so that threads share the compilation. */
  readonly module?: WebAssembly.Module;
  /** Size of the kernels' memory. Untouched pages cost nothing. Default 56 MiB. */
  readonly memoryBytes?: number;
  /** Room for whole tensors beside it, reserved when the first large one is made. Default 256 MiB, at most 1 GiB; 0 for none. */
  readonly arenaBytes?: number;
}

/**
 * Room for blocks of 1024 x 1024 and some more. From 64 MiB on, V8 collects garbage whenever a memory is made, which
 * would cost a launch 5 ms a thread instead of half a millisecond.
 */
const DEFAULT_MEMORY_BYTES = 56 * 2 ** 20;
const DEFAULT_ARENA_BYTES = 256 * 2 ** 20;

/**
 * The ring Z/2^64 on arrays of words. Methods throw RingShapeError where lengths do not fit together and
 * RingArgumentError where a number is outside of its domain.
 * @example const ring = await Ring.load();
 */
export class Ring extends MaskedRing {
  /** Words of the blocks in which long arrays are worked through. */
  readonly blockSize = BLOCK;

  /**
   * A ring with kernels and scratch memory of its own.
   * @param options compiled kernels and sizes of memory
   * @returns the ring
   * @throws RingArgumentError where a size is out of range
   */
  static async load(options: RingOptions = {}): Promise<Ring> {
    const module = options.module ?? (await compileKernels());
    const { memoryBytes = DEFAULT_MEMORY_BYTES, arenaBytes = DEFAULT_ARENA_BYTES } = options;
    checkInteger('arenaBytes', arenaBytes, 0, 2 ** 30);
    return new Ring(await Core.load(module, memoryBytes, arenaBytes));
  }

  /** Work space in the kernels' memory: arrays from here are used without copies. */
  get scratch(): Scratch {
    return this.core.scratch;
  }

  /** Room for whole arrays in the kernels' memory, of which a WordsPool makes use; undefined where there is none now. */
  arena(): Arena | undefined {
    return this.core.arena();
  }

  /**
   * Whether an array lies in the kernels' memory, where they use it without copies.
   * @param words array of words
   * @returns true if the kernels can use the array where it lies
   */
  owns(words: Words): boolean {
    return this.core.owns(words);
  }

  // --- shapes ---

  /**
   * out = the view of a, see shapes.ts for broadcastTo, permute and slice.
   * @param out array for the result
   * @param a first operand
   * @param shape sizes of the axes
   * @param strides step of each axis in elements; may be 0 or negative
   * @param offset position of the first element
   */
  gather(out: Words, a: Words, shape: Shape, strides: readonly number[], offset = 0): void {
    gather(out, a, { shape: [...shape], strides: [...strides], offset }, this.core);
  }

  /**
   * The view of a as a new array.
   * @param a first operand
   * @param view shape, strides and offset
   * @returns a row-major array of the view's elements
   */
  materialize(a: Words, view: View): Words {
    const out = new BigUint64Array(view.shape.reduce((size, d) => size * d, 1));
    gather(out, a, view, this.core);
    return out;
  }

  /**
   * An elementwise operation of arrays of different shapes, broadcast as in NumPy.
   * @param operation name of the elementwise operation
   * @param a first operand
   * @param aShape shape of a
   * @param b second operand
   * @param bShape shape of b
   * @returns the result and its shape
   */
  binary(
    operation: BinaryOperation,
    a: Words,
    aShape: Shape,
    b: Words,
    bShape: Shape,
  ): { words: Words; shape: number[] } {
    return binary(this, operation, a, aShape, b, bShape);
  }

  /**
   * out = x with `value` around it: pads are [begin of each axis..., end of each axis...], negative ones crop.
   * @param out array for the result
   * @param x input words
   * @param shape sizes of the axes
   * @param pads amounts [begin of each axis..., end of each axis...]; negative ones crop
   * @param value value of the padding
   */
  pad(out: Words, x: Words, shape: Shape, pads: readonly number[], value = 0n): void {
    pad(out, x, shape, pads, value);
  }

  /**
   * Sums over axes (all if undefined); keepDims leaves them with length 1.
   * @param x input words
   * @param shape sizes of the axes
   * @param axes axes to sum over; all by default
   * @param keepDims whether summed axes stay, with length 1
   * @returns the sums and their shape
   */
  sumAxes(
    x: Words,
    shape: Shape,
    axes?: readonly number[],
    keepDims = false,
  ): { words: Words; shape: number[] } {
    return sumAxes(this.core, x, shape, axes, keepDims);
  }

  // --- linear algebra ---

  /**
   * out (+)= a times b, row-major, of any size, batched. `out` must not overlap a or b.
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   * @param sizes sizes, strides, padding and groups
   */
  matmul(out: Words, a: Words, b: Words, sizes: MatmulSizes): void {
    matmul(this.core, out, a, b, sizes);
  }

  /**
   * out (+)= convolution of x [N, C, H, W] with w [O, C / groups, kh, kw]. `out` must not overlap x or w.
   * @param out array for the result
   * @param x input words
   * @param w weights
   * @param sizes sizes, strides, padding and groups
   */
  conv2d(out: Words, x: Words, w: Words, sizes: Conv2dSizes): void {
    this.core.scoped(() => conv2d(this.core, out, x, w, sizes));
  }

  /**
   * out (+)= convolution of x [N, C, L] with w [O, C / groups, k].
   * @param out array for the result
   * @param x input words
   * @param w weights
   * @param sizes sizes, strides, padding and groups
   */
  conv1d(out: Words, x: Words, w: Words, sizes: Conv1dSizes): void {
    this.core.scoped(() => conv1d(this.core, out, x, w, sizes));
  }

  /**
   * Sums of the windows of each plane: average pooling before its division.
   * @param out array for the result
   * @param x input words
   * @param sizes sizes, strides, padding and groups
   */
  windowSum2d(out: Words, x: Words, sizes: WindowSumSizes): void {
    this.core.scoped(() => windowSum2d(this.core, out, x, sizes));
  }

  /**
   * The plain triple loop, for comparison; all three matrices have to fit the scratch memory.
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   * @param m rows of a
   * @param k columns of a, rows of b
   * @param n columns of b
   */
  matmulPlain(out: Words, a: Words, b: Words, m: number, k: number, n: number): void {
    this.core.scoped(() => matmulPlain(this.core, out, a, b, m, k, n));
  }

  /**
   * Runs `iterations` independent multiplications and nothing else: the yardstick of matmul.
   * @param iterations number of multiplications
   */
  multiplierLimit(iterations: number): void {
    checkInteger('iterations', iterations, 0, 2 ** 31 - 9);
    this.core.kernels.multiplierLimit(iterations);
  }

  // --- bytes, bits, numbers ---

  /**
   * The low `bits` of each word as a little-endian bit stream of ceil(n * bits / 8) bytes.
   * @param out array for the result
   * @param words array of words
   * @param bits how many low bits count, 0 to 64
   */
  pack(out: Uint8Array, words: Words, bits: number): void {
    pack(this.core, out, words, bits);
  }

  /**
   * The inverse of pack.
   * @param out array for the result
   * @param bytes packed bit stream
   * @param bits how many low bits count, 0 to 64
   */
  unpack(out: Words, bytes: Uint8Array, bits: number): void {
    unpack(this.core, out, bytes, bits, false);
  }

  /**
   * acc = (acc + unpacked) mod 2^bits
   * @param acc array that is added to
   * @param bytes packed bit stream
   * @param bits how many low bits count, 0 to 64
   */
  unpackAdd(acc: Words, bytes: Uint8Array, bits: number): void {
    unpack(this.core, acc, bytes, bits, true);
  }

  /**
   * Numbers as fixed point, rounded to nearest, ties to even.
   * @param values numbers to encode
   * @param fractionBits number of fraction bits
   * @param options limits, see EncodeOptions
   * @returns words v 2^fractionBits mod 2^64
   * @throws EncodeRangeError where a number is not finite or too large
   * @example ring.encode([1.5, -2], 16); // BigUint64Array [ 98304n, 18446744073709420544n ]
   */
  encode(values: ArrayLike<number>, fractionBits: number, options?: EncodeOptions): Words {
    const out = new BigUint64Array(values.length);
    encode(this.core, out, values, fractionBits, options);
    return out;
  }

  /**
   * The same into an array.
   * @param out words v 2^fractionBits mod 2^64
   * @param values numbers to encode
   * @param fractionBits number of fraction bits
   * @param options limits, see EncodeOptions
   * @throws EncodeRangeError where a number is not finite or too large; what `out` holds then is undefined
   * @example ring.encodeInto(out, [1.5, -2], 16);
   */
  encodeInto(out: Words, values: ArrayLike<number>, fractionBits: number, options?: EncodeOptions): void {
    encode(this.core, out, values, fractionBits, options);
  }

  /**
   * Makes sure that numbers can be encoded.
   * @param values numbers to encode
   * @param fractionBits number of fraction bits
   * @param options limits, see EncodeOptions
   * @throws EncodeRangeError where a number is not finite or too large
   * @example ring.checkEncodable([1.5, -2], 16);
   */
  checkEncodable(values: ArrayLike<number>, fractionBits: number, options?: EncodeOptions): void {
    encode(this.core, undefined, values, fractionBits, options);
  }

  /**
   * Signed fixed point as numbers, rounded to nearest, ties to even.
   * @param words array of words
   * @param fractionBits number of fraction bits
   * @param type element type of the result, 'float64' by default
   * @returns the numbers that the words stand for
   */
  decode(words: Words, fractionBits: number, type?: 'float64'): Float64Array<ArrayBuffer>;
  decode(words: Words, fractionBits: number, type: 'float32'): Float32Array<ArrayBuffer>;
  decode(words: Words, fractionBits: number, type: 'float32' | 'float64' = 'float64'): FloatArray {
    const out = type === 'float32' ? new Float32Array(words.length) : new Float64Array(words.length);
    decode(this.core, out, words, fractionBits);
    return out;
  }

  /**
   * ChaCha keystream from block `counter` on; 32-byte key as 8, 12-byte nonce as 3 little-endian words.
   * @param out array for the result
   * @param key 32-byte key as 8 little-endian words
   * @param nonce 12-byte nonce as 3 little-endian words
   * @param counter first block of the keystream
   * @param rounds 8, 12 or 20
   */
  chacha(
    out: Words | Uint8Array,
    key: Uint32Array,
    nonce: Uint32Array,
    counter: number,
    rounds: ChaChaRounds,
  ): void {
    chacha(this.core, out, { key, nonce, counter, rounds }, 'store');
  }

  /**
   * Combines words with a keystream, in one pass.
   * @param out array for the result
   * @param how how words and keystream are combined
   * @param stream key, nonce, counter and rounds
   */
  chachaInto(out: Words, how: Accumulation, stream: Keystream): void {
    chacha(this.core, out, stream, how);
  }

  /**
   * Bits [firstBit, firstBit + count) of n words as planes, see planes.ts.
   * @param planes bit planes, one after the other
   * @param words array of words
   * @param n number of elements
   * @param firstBit lowest bit of a word that has a plane
   * @param count number of planes
   */
  toPlanes(planes: Words, words: Words, n: number, firstBit: number, count: number): void {
    this.core.scoped(() => toPlanes(this.core, planes, words, n, firstBit, count));
  }

  /**
   * n words whose bits from firstBit on are those of the planes and whose other bits are zero.
   * @param words array of words
   * @param planes bit planes, one after the other
   * @param n number of elements
   * @param firstBit lowest bit of a word that has a plane
   * @param count number of planes
   */
  fromPlanes(words: Words, planes: Words, n: number, firstBit: number, count: number): void {
    this.core.scoped(() => fromPlanes(this.core, words, planes, n, firstBit, count));
  }

  /**
   * Runs a program on planes once, see bit-program.ts.
   * @param code encoded instructions, five numbers each
   * @param base memory of the planes, plane p from word p * planeWords on
   * @param planeWords words in a plane, even
   */
  bitProgram(code: Int32Array, base: Words, planeWords: number): void {
    this.core.scoped(() => runBitProgram(this.core, code, base, planeWords));
  }

  /**
   * Compiles a program on `planes` planes for the lifetime of the ring.
   * @param instructions instructions, or their encoding
   * @param planes number of planes that the program uses
   * @returns the program, which belongs to this ring
   */
  compileBitProgram(instructions: readonly BitInstruction[] | Int32Array, planes: number): BitProgram {
    const code = instructions instanceof Int32Array ? instructions : encodeBitProgram(instructions);
    return new BitProgram(this.core, code, planes);
  }
}
