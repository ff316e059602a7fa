// The ring Z_2^64: everything that the kernels do, as methods on arrays of words. All operations are synchronous
// and work on arrays in JavaScript memory as well as on views of `ring.scratch` or from the arena (without copies, then).
// Views of scratch that was released are dead: the memory may get another buffer when the arena is made.
// `out` may be one of the inputs of an elementwise operation; it must not overlap one partly.
import type { Arena } from './arena.js';
import { type BinaryOperation, binary } from './binary.js';
import { type BitInstruction, BitProgram, encodeBitProgram, runBitProgram } from './bit-program.js';
import { gather, pad } from './broadcast.js';
import { type Accumulation, type ChaChaRounds, chacha, type Keystream } from './chacha.js';
import { bitCombine, reluCombine, selectCombine, truncCombine, truncSteps } from './combine.js';
import {
  type Conv1dSizes,
  type Conv2dSizes,
  conv1d,
  conv2d,
  type WindowSumSizes,
  windowSum2d,
} from './conv.js';
import { BLOCK, Core, checkInteger } from './core.js';
import { exponentialCombine, exponentialMasks } from './exponential.js';
import { decode, type EncodeOptions, encode, type FloatArray } from './fixed-point.js';
import { addSteps, floorSteps, maskedFloors, selectSteps } from './floors.js';
import { compileKernels } from './kernels.js';
import { type MatmulSizes, matmul, matmulPlain } from './matmul.js';
import { pack, unpack } from './packing.js';
import { fromPlanes, toPlanes } from './planes.js';
import { sumAxes } from './reduce.js';
import type { Scratch } from './scratch.js';
import type { Shape, View } from './shapes.js';
import { type SineTerm, sinePairs, sineSum } from './sines.js';
import type { Words } from './words.js';
import { bothBits, lowHalves, wrapCombine } from './wraps.js';

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
export class Ring {
  /** Words of the blocks in which long arrays are worked through. */
  readonly blockSize = BLOCK;
  readonly #core: Core;

  private constructor(core: Core) {
    this.#core = core;
  }

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
    return this.#core.scratch;
  }

  /** Room for whole arrays in the kernels' memory, of which a WordsPool makes use; undefined where there is none now. */
  arena(): Arena | undefined {
    return this.#core.arena();
  }

  /**
   * Whether an array lies in the kernels' memory, where they use it without copies.
   * @param words array of words
   * @returns true if the kernels can use the array where it lies
   */
  owns(words: Words): boolean {
    return this.#core.owns(words);
  }

  // --- elementwise ---

  /**
   * out = a + b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  add(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('add', [out, a, b], 'write', (p, n) => kernels.add(p[0], p[1], p[2], n));
  }

  /**
   * out = a - b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  sub(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('sub', [out, a, b], 'write', (p, n) => kernels.sub(p[0], p[1], p[2], n));
  }

  /**
   * out = a * b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  mul(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('mul', [out, a, b], 'write', (p, n) => kernels.mul(p[0], p[1], p[2], n));
  }

  /**
   * out = a ^ b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  xor(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('xor', [out, a, b], 'write', (p, n) => kernels.xor(p[0], p[1], p[2], n));
  }

  /**
   * out = a & b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  and(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('and', [out, a, b], 'write', (p, n) => kernels.and(p[0], p[1], p[2], n));
  }

  /**
   * out = a | b
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  or(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('or', [out, a, b], 'write', (p, n) => kernels.or(p[0], p[1], p[2], n));
  }

  /**
   * acc = acc + a
   * @param acc array that is added to
   * @param a first operand
   */
  addInto(acc: Words, a: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('addInto', [acc, a], 'update', (p, n) => kernels.add(p[0], p[0], p[1], n));
  }

  /**
   * out = -a
   * @param out array for the result
   * @param a first operand
   */
  neg(out: Words, a: Words): void {
    this.subFromScalar(out, a, 0n);
  }

  /**
   * out = ~a
   * @param out array for the result
   * @param a first operand
   */
  not(out: Words, a: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('not', [out, a], 'write', (p, n) => kernels.xorScalar(p[0], p[1], n, -1n));
  }

  /**
   * out = a + s
   * @param out array for the result
   * @param a first operand
   * @param s scalar, taken modulo 2^64
   */
  addScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.#core;
    this.#core.stream('addScalar', [out, a], 'write', (p, n) => kernels.addScalar(p[0], p[1], n, s));
  }

  /**
   * out = a - s
   * @param out array for the result
   * @param a first operand
   * @param s scalar, taken modulo 2^64
   */
  subScalar(out: Words, a: Words, s: bigint): void {
    this.addScalar(out, a, -s);
  }

  /**
   * out = s - a
   * @param out array for the result
   * @param a first operand
   * @param s scalar, taken modulo 2^64
   */
  subFromScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.#core;
    this.#core.stream('subFromScalar', [out, a], 'write', (p, n) => kernels.subFromScalar(p[0], p[1], n, s));
  }

  /**
   * out = a * s
   * @param out array for the result
   * @param a first operand
   * @param s scalar, taken modulo 2^64
   */
  mulScalar(out: Words, a: Words, s: bigint): void {
    const { kernels } = this.#core;
    this.#core.stream('mulScalar', [out, a], 'write', (p, n) => kernels.mulScalar(p[0], p[1], n, s));
  }

  /**
   * out = a << k, 0 <= k < 64
   * @param out array for the result
   * @param a first operand
   * @param k number of bits to shift by, or the scalar factor
   */
  shl(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.#core;
    this.#core.stream('shl', [out, a], 'write', (p, n) => kernels.shl(p[0], p[1], n, k));
  }

  /**
   * out = a >> k, filling with zeros, 0 <= k < 64
   * @param out array for the result
   * @param a first operand
   * @param k number of bits to shift by, or the scalar factor
   */
  shrU(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.#core;
    this.#core.stream('shrU', [out, a], 'write', (p, n) => kernels.shrU(p[0], p[1], n, k));
  }

  /**
   * out = a >> k, filling with the sign, 0 <= k < 64
   * @param out array for the result
   * @param a first operand
   * @param k number of bits to shift by, or the scalar factor
   */
  shrS(out: Words, a: Words, k: number): void {
    checkInteger('shift', k, 0, 63);
    const { kernels } = this.#core;
    this.#core.stream('shrS', [out, a], 'write', (p, n) => kernels.shrS(p[0], p[1], n, k));
  }

  /**
   * out = a mod 2^bits, 0 <= bits <= 64
   * @param out array for the result
   * @param a first operand
   * @param bits how many low bits count, 0 to 64
   */
  maskLow(out: Words, a: Words, bits: number): void {
    checkInteger('bits', bits, 0, 64);
    const { kernels } = this.#core;
    const mask = BigInt.asIntN(64, (1n << BigInt(bits)) - 1n);
    this.#core.stream('maskLow', [out, a], 'write', (p, n) => kernels.andScalar(p[0], p[1], n, mask));
  }

  /**
   * out = s everywhere, modulo 2^64
   * @param out array for the result
   * @param s scalar, taken modulo 2^64
   */
  fill(out: Words, s: bigint): void {
    out.fill(BigInt.asUintN(64, s));
  }

  // --- fused ---

  /**
   * out = a * b + c
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   * @param c third operand
   */
  mulAdd(out: Words, a: Words, b: Words, c: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('mulAdd', [out, a, b, c], 'write', (p, n) => kernels.mulAdd(p[0], p[1], p[2], p[3], n));
  }

  /**
   * out = a + t * b. Fastest for t = 1, -1 and 2.
   * @param out array for the result
   * @param a first operand
   * @param t scalar factor of b; fastest for 1, -1 and 2
   * @param b second operand
   */
  addScaled(out: Words, a: Words, t: bigint, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('addScaled', [out, a, b], 'write', (p, n) => kernels.addScaled(p[0], p[1], p[2], n, t));
  }

  /**
   * out = k * a * b + c
   * @param out array for the result
   * @param k scalar factor of the product
   * @param a first operand
   * @param b second operand
   * @param c third operand
   */
  scaledMulAdd(out: Words, k: bigint, a: Words, b: Words, c: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('scaledMulAdd', [out, a, b, c], 'write', (p, n) =>
      kernels.scaledMulAdd(p[0], p[1], p[2], p[3], n, k),
    );
  }

  /**
   * T_0 and T_1 of masks r: what the dealer knows of values truncated by f bits, see floors.ts. t1 may be r.
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param r masks
   * @param l window: bit length of the opened values
   * @param f fraction bits to truncate by
   */
  maskedFloors(t0: Words, t1: Words, r: Words, l: number, f: number): void {
    maskedFloors(this.#core, t0, t1, r, l, f);
  }

  /**
   * plane = which shares are in the low half of their range, for truncation of two shares on their own (wraps.ts).
   * @param plane plane that receives a bit for each share
   * @param x this party's shares
   * @param first whether this is party 0, which adds the public part
   */
  lowHalves(plane: Words, x: Words, first: boolean): void {
    lowHalves(this.#core, plane, x, first);
  }

  /**
   * out = 1 where the bits of both planes are, else 0: 32-bit numbers.
   * @param out array for the result
   * @param a plane of bits
   * @param b plane of bits
   * @param n number of bits
   */
  bothBits(out: Words, a: Words, b: Words, n: number): void {
    bothBits(this.#core, out, a, b, n);
  }

  /**
   * out = this party's shares x truncated by f bits, given the public planes and its shares t of the masks' product.
   * @param out array for the result
   * @param x input words
   * @param t shares of the product of the bit masks
   * @param own plane of this party's masked bits
   * @param theirs plane of the other party's masked bits
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  wrapCombine(out: Words, x: Words, t: Words, own: Words, theirs: Words, f: number, first: boolean): void {
    wrapCombine(this.#core, out, x, t, own, theirs, f, first);
  }

  /**
   * T_0, and the steps of 1 or -1 to T_1 as 32-bit numbers.
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param r masks
   * @param l window: bit length of the opened values
   * @param f fraction bits to truncate by
   */
  floorSteps(t0: Words, steps: Words, r: Words, l: number, f: number): void {
    floorSteps(this.#core, t0, steps, r, l, f);
  }

  /**
   * out = t0 + steps * 2^shift
   * @param out array for the result
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param shift bits to shift by
   */
  addSteps(out: Words, t0: Words, steps: Words, shift: number): void {
    addSteps(this.#core, out, t0, steps, shift);
  }

  /**
   * out = steps where the word of `bits` is 1, 0 where it is 0.
   * @param out array for the result
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param bits words of 0 or 1
   */
  selectSteps(out: Words, steps: Words, bits: Words): void {
    selectSteps(this.#core, out, steps, bits);
  }

  /**
   * out = T_s + (first ? (c' >> f) - 2^(width-2-f) : 0), where c' = c mod 2^(width-1) and s is bit width-1 of c.
   * @param out array for the result
   * @param c opened masked values
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  truncCombine(out: Words, c: Words, t0: Words, t1: Words, width: number, f: number, first: boolean): void {
    truncCombine(this.#core, out, c, t0, t1, width, f, first);
  }

  /**
   * The same with T_1 = T_0 + steps * 2^(width-1-f), two 32-bit steps a word.
   * @param out array for the result
   * @param c opened masked values
   * @param t0 shares of T_0
   * @param steps differences of T_1 and T_0, two 32-bit integers a word
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  truncSteps(out: Words, c: Words, t0: Words, steps: Words, width: number, f: number, first: boolean): void {
    truncSteps(this.#core, out, c, t0, steps, width, f, first);
  }

  /**
   * ReLU with truncation by f, from a plane of opened bits e, see combine.ts.
   * @param out array for the result
   * @param c opened masked values
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param t0 shares of T_0
   * @param t1 shares of T_1
   * @param bt0 shares of beta T_0
   * @param bt1 shares of beta T_1
   * @param width window: bit length of the opened values
   * @param f fraction bits to truncate by
   * @param first whether this is party 0, which adds the public part
   */
  reluCombine(
    out: Words,
    c: Words,
    e: Words,
    beta: Words,
    t0: Words,
    t1: Words,
    bt0: Words,
    bt1: Words,
    width: number,
    f: number,
    first: boolean,
  ): void {
    reluCombine(this.#core, out, c, e, beta, t0, t1, bt0, bt1, width, f, first);
  }

  /**
   * e ? first - beta : beta, for a plane of opened bits e.
   * @param out array for the result
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param first whether this is party 0, which adds the public part
   */
  bitCombine(out: Words, e: Words, beta: Words, first: boolean): void {
    bitCombine(this.#core, out, e, beta, first);
  }

  /**
   * V * [b] + (e ? a : 0) + (1 - 2e) * ba with [b] = bitCombine(e, beta), for a plane of opened bits e.
   * @param out array for the result
   * @param v public factors of the bit
   * @param e plane of opened bits
   * @param beta shares of the bit masks
   * @param a shares of what is selected
   * @param ba shares of beta times a
   * @param first whether this is party 0, which adds the public part
   */
  selectCombine(out: Words, v: Words, e: Words, beta: Words, a: Words, ba: Words, first: boolean): void {
    selectCombine(this.#core, out, v, e, beta, a, ba, first);
  }

  /**
   * Shares of sum_k g_k sin(k (x - r)) mod 2^32, from shares of sinePairs(r): see sines.ts.
   * @param out array for the result
   * @param x input words
   * @param pairs shares of the masks' cosines and negated sines, one word a term
   * @param shift bits to shift by
   * @param terms frequencies and scales of the sines
   */
  sineSum(out: Words, x: Words, pairs: Words, shift: number, terms: readonly SineTerm[]): void {
    sineSum(this.#core, out, x, pairs, shift, terms);
  }

  /**
   * Cosines and negated sines of words as angles, two 32-bit integers a word and term.
   * @param out array for the result
   * @param x input words
   * @param shift bits to shift by
   * @param terms frequencies and scales of the sines
   */
  sinePairs(out: Words, x: Words, shift: number, terms: readonly SineTerm[]): void {
    sinePairs(this.#core, out, x, shift, terms);
  }

  /**
   * Shares of 2^46 (inside 2^x + above 2^15) for opened words c = x + r and opened bits: see exponential.ts.
   * @param out array for the result
   * @param c opened masked exponents
   * @param e planes of the masked bits inside, above and wrapped
   * @param words shares of the words of exponentialMasks(r)
   * @param above shares of the masks of `above`, two to a word
   * @param shift first bit of the exponents, which have 16 fraction bits from there on
   * @param first whether this is party 0, which adds the public part
   */
  exponentialCombine(
    out: Words,
    c: Words,
    e: Words,
    words: Words,
    above: Words,
    shift: number,
    first: boolean,
  ): void {
    exponentialCombine(this.#core, out, c, e, words, above, shift, first);
  }

  /**
   * What exponentialCombine needs of masks r and of the masks of its bits.
   * @param words array for 8 words an element: 2^30 / 2^r, times masks, for each period, one after the other
   * @param above array for the masks of `above`, two to a word
   * @param r masks
   * @param beta planes of the masks of the bits inside, above and wrapped
   * @param shift first bit of the exponents
   */
  exponentialMasks(words: Words, above: Words, r: Words, beta: Words, shift: number): void {
    exponentialMasks(this.#core, words, above, r, beta, shift);
  }

  /**
   * out = a - b modulo 2^32 in each half of the words
   * @param out array for the result
   * @param a first operand
   * @param b second operand
   */
  subHalves(out: Words, a: Words, b: Words): void {
    const { kernels } = this.#core;
    this.#core.stream('subHalves', [out, a, b], 'write', (p, n) => kernels.subHalves(p[0], p[1], p[2], n));
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
    gather(out, a, { shape: [...shape], strides: [...strides], offset });
  }

  /**
   * The view of a as a new array.
   * @param a first operand
   * @param view shape, strides and offset
   * @returns a row-major array of the view's elements
   */
  materialize(a: Words, view: View): Words {
    const out = new BigUint64Array(view.shape.reduce((size, d) => size * d, 1));
    gather(out, a, view);
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
    return sumAxes(this.#core, x, shape, axes, keepDims);
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
    matmul(this.#core, out, a, b, sizes);
  }

  /**
   * out (+)= convolution of x [N, C, H, W] with w [O, C / groups, kh, kw]. `out` must not overlap x or w.
   * @param out array for the result
   * @param x input words
   * @param w weights
   * @param sizes sizes, strides, padding and groups
   */
  conv2d(out: Words, x: Words, w: Words, sizes: Conv2dSizes): void {
    this.#core.scoped(() => conv2d(this.#core, out, x, w, sizes));
  }

  /**
   * out (+)= convolution of x [N, C, L] with w [O, C / groups, k].
   * @param out array for the result
   * @param x input words
   * @param w weights
   * @param sizes sizes, strides, padding and groups
   */
  conv1d(out: Words, x: Words, w: Words, sizes: Conv1dSizes): void {
    this.#core.scoped(() => conv1d(this.#core, out, x, w, sizes));
  }

  /**
   * Sums of the windows of each plane: average pooling before its division.
   * @param out array for the result
   * @param x input words
   * @param sizes sizes, strides, padding and groups
   */
  windowSum2d(out: Words, x: Words, sizes: WindowSumSizes): void {
    this.#core.scoped(() => windowSum2d(this.#core, out, x, sizes));
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
    this.#core.scoped(() => matmulPlain(this.#core, out, a, b, m, k, n));
  }

  /**
   * Runs `iterations` independent multiplications and nothing else: the yardstick of matmul.
   * @param iterations number of multiplications
   */
  multiplierLimit(iterations: number): void {
    checkInteger('iterations', iterations, 0, 2 ** 31 - 9);
    this.#core.kernels.multiplierLimit(iterations);
  }

  // --- bytes, bits, numbers ---

  /**
   * The low `bits` of each word as a little-endian bit stream of ceil(n * bits / 8) bytes.
   * @param out array for the result
   * @param words array of words
   * @param bits how many low bits count, 0 to 64
   */
  pack(out: Uint8Array, words: Words, bits: number): void {
    pack(this.#core, out, words, bits);
  }

  /**
   * The inverse of pack.
   * @param out array for the result
   * @param bytes packed bit stream
   * @param bits how many low bits count, 0 to 64
   */
  unpack(out: Words, bytes: Uint8Array, bits: number): void {
    unpack(this.#core, out, bytes, bits, false);
  }

  /**
   * acc = (acc + unpacked) mod 2^bits
   * @param acc array that is added to
   * @param bytes packed bit stream
   * @param bits how many low bits count, 0 to 64
   */
  unpackAdd(acc: Words, bytes: Uint8Array, bits: number): void {
    unpack(this.#core, acc, bytes, bits, true);
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
    encode(this.#core, out, values, fractionBits, options);
    return out;
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
    decode(this.#core, out, words, fractionBits);
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
    chacha(this.#core, out, { key, nonce, counter, rounds }, 'store');
  }

  /**
   * Combines words with a keystream, in one pass.
   * @param out array for the result
   * @param how how words and keystream are combined
   * @param stream key, nonce, counter and rounds
   */
  chachaInto(out: Words, how: Accumulation, stream: Keystream): void {
    chacha(this.#core, out, stream, how);
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
    this.#core.scoped(() => toPlanes(this.#core, planes, words, n, firstBit, count));
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
    this.#core.scoped(() => fromPlanes(this.#core, words, planes, n, firstBit, count));
  }

  /**
   * Runs a program on planes once, see bit-program.ts.
   * @param code encoded instructions, five numbers each
   * @param base memory of the planes, plane p from word p * planeWords on
   * @param planeWords words in a plane, even
   */
  bitProgram(code: Int32Array, base: Words, planeWords: number): void {
    this.#core.scoped(() => runBitProgram(this.#core, code, base, planeWords));
  }

  /**
   * Compiles a program on `planes` planes for the lifetime of the ring.
   * @param instructions instructions, or their encoding
   * @param planes number of planes that the program uses
   * @returns the program, which belongs to this ring
   */
  compileBitProgram(instructions: readonly BitInstruction[] | Int32Array, planes: number): BitProgram {
    const code = instructions instanceof Int32Array ? instructions : encodeBitProgram(instructions);
    return new BitProgram(this.#core, code, planes);
  }
}
