/**
 * What the layers above may know of a family of protocols: an engine is one party's side of a running computation, and
 * a secret is a handle to a tensor of words of Z/2^64 that it computes on. Two suites implement it: `suites/additive`
 * (additive sharing, correlated randomness from a dealer) and `suites/plain` (the ideal functionality, in the clear).
 *
 * Words carry no scale: an engine computes on integers mod 2^64, read as signed numbers where an operation says so.
 * Fixed point, broadcasting of operands and the choice of when to truncate belong to the layer above.
 *
 * Every call returns its handle at once and numbers an operation; all parties must make the same calls in the same
 * order (within a scope). Only `reveal` and `announce` tell anybody anything. Operations keep their operands, which stay
 * usable; an operation that has been called needs them no more, so that they may be disposed at once.
 */
import type { CommStats } from '@tacit/comm';
import type { Ring, WindowSizes, Words } from '@tacit/ring';
import type { Distribution } from './distributions.js';
import type { Bilinear } from './runtime/bilinear.js';
import type { ProtocolConfig } from './runtime/config.js';
import type { StridedView } from './runtime/mask-ref.js';
import type { Piecewise, SplineTable } from './spline/table.js';

/** Counts who still needs a buffer. */
export interface Held {
  /** @throws DisposedError after the last release */
  hold(): void;
  /** The last one frees the buffer. */
  release(): void;
}

/** A secret tensor: shape known, value pending and hidden. */
export interface Secret {
  readonly shape: readonly number[];
  readonly size: number;
  /** Openings on the longest chain of messages that leads here: rounds. */
  readonly depth: number;
  readonly disposed: boolean;
  readonly lifetime: Held;
  /** The words that this party holds, when they are there: in the additive suite noise, in the plain suite the value. */
  readonly value: Promise<Words>;
  /** The same value under another shape of the same size. Each handle is disposed by itself. */
  reshaped(shape: readonly number[]): Secret;
  /** Frees the words after the last operation that uses them. Any later use throws a DisposedError. */
  dispose(): void;
}

/**
 * A secret tensor of words of 64 bits that are computed on bit by bit: a handle of its own, since in a suite of shares its
 * bits are shared by XOR, and sums of such shares mean nothing.
 */
export interface BinarySecret {
  readonly domain: 'binary';
  readonly shape: readonly number[];
  readonly size: number;
  /** As of `Secret`. */
  readonly depth: number;
  readonly disposed: boolean;
  /** The words that this party holds, when they are there: in the additive suite shares by XOR, in the plain suite the bits. */
  readonly value: Promise<Words>;
  reshaped(shape: readonly number[]): BinarySecret;
  dispose(): void;
}

/**
 * An operand made ready for products, once: opened under a mask where a suite needs that (Beaver), the secret itself
 * where it does not. It lives as long as the secret that it was made from.
 */
export interface Prepared {
  readonly shape: readonly number[];
  readonly depth: number;
  readonly lifetime: Held;
  /** Settles when what the preparation sends has been exchanged. */
  readonly value: Promise<unknown>;
}

/** To whom a value is told, and how it is read. */
export interface RevealOptions {
  /** Rank of the only party that learns the value. Default: all learn it. */
  readonly to?: number;
  /** Fraction bits that the words are read with, so that parties that would read them differently find out. */
  readonly scale?: number;
  /** Bits to drop: what is told is x / 2^drop, rounded as by `truncate`. */
  readonly drop?: number;
}

/** The windows of a sum over an NCHW tensor. `pads` are [top, left, bottom, right]. */
export type WindowGeometry = Required<WindowSizes>;

/** Which of several numbers is looked for. */
export type Extreme = 'max' | 'min';

/** A function of numbers of many magnitudes. */
export type OctaveFunction = 'log' | 'sqrt' | 'invSqrt' | 'reciprocal';

/** The magnitudes that can occur: 2^low <= |x| < 2^high. Smaller numbers count as 2^low. */
export interface Octaves {
  readonly low?: number;
  readonly high?: number;
  /** Whether x may be negative; for reciprocals, where the default is false, and divisors, where it is true. */
  readonly signed?: boolean;
  /** Fraction bits that the result has beside the session's. Default 0; not for logarithms. */
  readonly moreBits?: number;
}

/** What is known of x, and what is wanted of 1 / sqrt(x). */
export interface InverseRootOptions extends Omit<Octaves, 'signed' | 'moreBits'> {
  /** Fraction bits that the finer result has beside the session's. */
  readonly finerBits: number;
  /** A public number that both results are multiplied by, between 1/2 and 1, at no cost. Default 1. */
  readonly factor?: number;
}

/** What is known of a division. */
export interface QuotientOptions extends Omit<Octaves, 'moreBits'> {
  /** |x| < 2^dividendBits. Default 28. */
  readonly dividendBits?: number;
}

/** The windows of a maximum over an NCHW tensor; pairs are of height and width. */
export interface MaxPoolWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Rows above and columns left of the image where windows begin. What lies below and right follows from outputSize. */
  readonly before: readonly [number, number];
  readonly outputSize: readonly [number, number];
}

/** What is sorted, and how. */
export interface SortOptions {
  /** How many of each lane are wanted, in order. Default all. */
  readonly keep?: number;
  /** Whether the largest one comes first. Default false: the smallest. */
  readonly largest?: boolean;
  /** |x| < 2^bits. Default what the window and the keys have room for. */
  readonly bits?: number;
}

/** One party's side of a computation. See the head of this file for what all operations have in common. */
export interface Engine<
  S extends Secret = Secret,
  P extends Prepared = Prepared,
  B extends BinarySecret = BinarySecret,
> {
  /** Name of the suite, e.g. 'additive'. */
  readonly name: string;
  readonly rank: number;
  readonly parties: number;
  /** Kernels on plain words: encoding, decoding, shapes. */
  readonly ring: Ring;
  readonly config: ProtocolConfig;
  /** Bytes, frames and rounds so far. */
  readonly stats: CommStats;
  /** Operations of the present scope so far. */
  readonly issued: number;

  /**
   * Runs `build` with operations numbered on their own, so that concurrent parts of a program do not depend on each
   * other's order. The name must be the same at all parties; called again, it goes on with the same numbers. `build` must
   * not await.
   * @param options `last` ends the scope behind `build`
   * @throws ScopeError where the scope has ended
   */
  scope<T>(name: string, build: () => T, options?: { readonly last?: boolean }): T;
  /** Ends a scope: nothing of it is kept, and its name cannot be used again. What it has issued goes on. @throws ScopeError */
  endScope(name: string): void;
  /**
   * Tells every party public bytes that party `owner` knows. One round. The place of the call in the program says which
   * announcement it is.
   * @param bytes at the owner; ignored elsewhere
   * @param timeoutMs how long the others wait, where that may be longer than for other messages
   */
  announce(
    owner: number,
    bytes: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined,
    timeoutMs?: number,
  ): Promise<Uint8Array>;
  /** Sends everything queued and makes sure that all parties ended after the same operations. */
  finish(): Promise<void>;

  /**
   * A secret from the words of party `owner`. No round.
   * @param words at the owner (kept, not copied); ignored elsewhere
   * @param scale fraction bits, so that parties that would read them differently find out
   */
  input(
    owner: number,
    shape: readonly number[],
    words: Words | Promise<Words> | undefined,
    scale?: number,
  ): S;
  /** A public value as a secret. No round. @throws ShapeError where the words do not fill the shape */
  fromPublic(words: Words, shape: readonly number[]): S;
  /**
   * Tells the words of x to all, or to one party; resolves to undefined at parties that do not learn them. One round,
   * and that of a truncation where there are bits to drop, unless `roundsOnReveal`.
   * @throws RangeError where there is no such party
   */
  reveal(x: S, options?: RevealOptions): Promise<Words | undefined>;
  /**
   * Random words that no party knows, each drawn by itself. No round.
   * @throws RangeError for bits or a probability that are out of range
   */
  random(shape: readonly number[], distribution: Distribution): S;
  /**
   * This party's words of a fresh sharing of x, to be kept beyond this computation: alone they say nothing, neither about x
   * nor about how it was computed (but in the plain suite they are the value, at party 0). They are the caller's. No round.
   */
  sharesToKeep(x: S): Promise<Words>;
  /**
   * The secret whose words the parties kept, each its own. No round.
   * @param words this party's
   * @param origin what the words belong to: parties that name different things find out
   */
  keptShares(shape: readonly number[], words: Words | Promise<Words>, origin: string): S;
  /** Whether a reveal to that party drops bits for free, so that a truncation before it would be a waste. */
  roundsOnReveal(to: number | undefined): boolean;

  // --- local: no round, no message ---

  /** x + y mod 2^64. @throws ShapeError where the shapes differ, as of `sub` */
  add(x: S, y: S): S;
  /** x - y mod 2^64. */
  sub(x: S, y: S): S;
  /** -x mod 2^64. */
  neg(x: S): S;
  /** x * s mod 2^64. */
  mulScalar(x: S, s: bigint): S;
  /** x + s mod 2^64. */
  addScalar(x: S, s: bigint): S;
  /**
   * x + y mod 2^64 for public words.
   * @param identity tells y from other words, as it was before a broadcast; default its fingerprint
   * @throws ShapeError where the words do not fill the shape of x, as of `mulPublic`
   */
  addPublic(x: S, y: Words, identity?: string): S;
  /** x * y mod 2^64, elementwise, for public words. */
  mulPublic(x: S, y: Words, identity?: string): S;
  /** x + y mod 2^64 for words that party `owner` alone knows (undefined elsewhere), as many as x has. */
  addPrivate(x: S, owner: number, y: Words | Promise<Words> | undefined): S;
  /** A strided view (transpose, slice, broadcast) as a tensor of its own. What x was prepared for, it is prepared for. */
  view(x: S, view: StridedView): S;
  /** Joins tensors along an axis of 0 to rank - 1. @throws ShapeError where they do not fit */
  concat(parts: readonly S[], axis: number): S;
  /** Parts of an axis at public positions from 0 on, in any order, also repeatedly. @throws ShapeError */
  take(x: S, axis: number, positions: readonly number[]): S;
  /** Pads with a public word: [before of each axis..., after of each axis...]. @throws ShapeError */
  pad(x: S, pads: readonly number[], word: bigint): S;
  /** Sums over axes of 0 to rank - 1, each named once. @throws ShapeError */
  sumAxes(x: S, axes: readonly number[], keepDims: boolean): S;
  /** Sums of the windows of each plane of an NCHW tensor. @throws ShapeError where no window fits */
  windowSum(x: S, geometry: WindowGeometry): S;
  /** f(x, y) for a bilinear map and public words y. */
  applyPublic(f: Bilinear, x: S, y: Words, shape: readonly number[]): S;

  // --- products ---

  /** The operand x of products between secrets; the same one at every call for x and its reshapes. */
  prepare(x: S): P;
  /** The operand x of products with private operands of party `owner`. */
  prepareToward(x: S, owner: number): P;
  /**
   * A tensor that party `owner` keeps in the clear, as an operand of `bilinearPrivate`. It belongs to the caller, who
   * ends it by `lifetime.release()`. A changed value is another operand.
   */
  privateOperand(
    owner: number,
    shape: readonly number[],
    words: Words | Promise<Words> | ((out: Words) => void) | undefined,
    scale?: number,
  ): P;
  /** An operand seen through a view: no message. */
  viewPrepared(x: P, view: StridedView): P;
  /** Fraction bits that a product of two secrets has beyond the sum of its operands'. */
  readonly productExtraBits: number;
  /**
   * 2^productExtraBits f(x, y), `shape` being the result's; with `truncate`, less as many bits as that, rounded as by
   * `truncate`, in the product's own round where the suite can.
   * @throws RangeError where `truncate` does not fit the window
   */
  bilinear(f: Bilinear, x: P, y: P, shape: readonly number[], truncate?: number): S;
  /** The elementwise product, otherwise as `bilinear`. @throws ShapeError where the shapes differ */
  multiply(x: P, y: P, truncate?: number): S;
  /** As multiply(x, x). */
  square(x: P, truncate?: number): S;
  /**
   * f(x, w), or f(w, x) where `weightsRight` is false, for x prepared toward the owner of the private operand w; no extra
   * bits.
   * @throws RangeError where `truncate` does not fit the window
   */
  bilinearPrivate(
    f: Bilinear,
    x: P,
    w: P,
    weightsRight: boolean,
    shape: readonly number[],
    truncate?: number,
  ): S;

  // --- not linear; numbers of the window: |x| < 2^(window - 2) where nothing else is said ---

  /**
   * x / 2^bits: the floor or, unless truncation is 'exact', one more. A value is truncated once: all handles to it get
   * the same numbers.
   * @throws RangeError unless bits are 1 to window - 3
   */
  truncate(x: S, bits: number): S;
  /** The floor of x / 2^bits, whatever the settings say of truncation. @throws RangeError unless bits are 1 to window - 3 */
  floor(x: S, bits: number): S;
  /**
   * max(x, 0), with `drop` bits fewer, rounded as by `truncate` (0 stays 0). |x| < 2^(window - 1) where nothing is
   * dropped. With `bit` also [x > 0] at scale 0, which costs no round and no byte.
   */
  relu(
    x: S,
    options?: { readonly drop?: number; readonly bit?: boolean },
  ): { readonly y: S; readonly bit?: S };
  /** [x >= 0] at scale 0. |x| < 2^(window - 1). */
  nonNegative(x: S): S;
  /** [x = 0] at scale 0. */
  isZero(x: S): S;
  /** -1, 0 or 1 at scale 0. */
  signum(x: S): S;
  /** x / 2^drop between bounds at that scale; at least one bound. @throws RangeError without a bound, or where low > high */
  clip(x: S, bounds: { readonly low?: bigint; readonly high?: bigint; readonly drop?: number }): S;
  /** f: a piecewise polynomial in x >> f.drop, mod 2^64. @throws RangeError where a threshold lies outside of the window */
  piecewise(x: S, f: Piecewise): S;
  /**
   * Logarithm, root, inverse root or reciprocal of x with `scale` fraction bits, with the session's: at most 2^-10 off (the logarithm) or 2^-10 of the value or two units. What is below the octaves counts as
   * their lowest number, but the root of it is 0.
   * @throws RangeError where scale or octaves do not fit
   */
  octaveFunction(kind: OctaveFunction, x: S, scale: number, octaves?: Octaves): S;
  /**
   * 1 / sqrt(x) as `octaveFunction`, twice in the same rounds: with the session's fraction bits, of which a small result has
   * few, and with more, at most 2^-10 of it off as long as it has so many bits.
   * @throws RangeError where scale or octaves do not fit
   */
  inverseRoot(x: S, scale: number, options: InverseRootOptions): { readonly value: S; readonly finer: S };
  /**
   * x / y, both with the session's fraction bits, y broadcast to the shape of x, where the quotient is below 2^28: at most
   * 2^-10 of it or two units off. |y| < 2^-8 counts as 2^-8 with its sign.
   * @throws ShapeError where y cannot be broadcast to x
   */
  quotient(x: S, y: S, options?: QuotientOptions): S;
  /**
   * A stored function of x with `scale` fraction bits, with the session's fraction bits: at most one unit beside what the
   * table says of x less the fraction bits that the table does not take.
   */
  tabulated(x: S, scale: number, table: SplineTable): S;
  /** 1 / (1 + exp(-x)) of x with `scale` fraction bits, with the session's fraction bits. */
  sigmoid(x: S, scale: number): S;
  /** tanh(x), as sigmoid. */
  tanh(x: S, scale: number): S;
  /** exp(x), as sigmoid; from x = 10.25 on 2^15. |x| < 2^(62 - 2 fractionBits), and below 2^20 from 21 fraction bits on. */
  exp(x: S, scale: number): S;
  /** sin(x) or cos(x) of x with `scale` fraction bits, with the session's: 2^-13 off for |x| < 2^28. @throws RangeError for scales that do not fit */
  sine(kind: 'sin' | 'cos', x: S, scale: number): S;
  /** The largest (smallest) of x[0], x[1], ... of a tensor of shape [k, ...rest]: shape rest. @throws ShapeError */
  extreme(kind: Extreme, x: S): S;
  /** Its index at scale 0, of equal ones the lowest; with `value` also the element itself. @throws ShapeError */
  argExtreme(
    kind: Extreme,
    x: S,
    options?: { readonly value?: boolean },
  ): { readonly index: S; readonly value?: S };
  /**
   * By each element the row of `depth` numbers at scale 0 with a 1 at its place: a new last axis. With K the least power
   * of two that is at least `depth`, and 2 or more: that of x mod K, zeros where x mod K >= depth. For every word x.
   * @throws RangeError unless `depth` is a whole number from 0 to 2^20
   */
  oneHot(x: S, depth: number): S;
  /** Maxima of the windows of an NCHW tensor. @throws ShapeError */
  maxPool2d(x: S, window: MaxPoolWindow): S;

  // --- order ---

  /**
   * The rows of each lane of x, of shape [lanes, rows, width], in an order that nobody knows; each lane in another one.
   * For every word of Z/2^64. @throws ShapeError for another shape
   */
  shuffle(x: S): S;
  /**
   * The first elements of each lane of x, of shape [lanes, n], in order, and their indices at scale 0. Equal ones stay in
   * the order of x.
   * @throws ShapeError for another shape, RangeError where there are not as many, or there is no room for their bits
   */
  sort(x: S, options?: SortOptions): { readonly values: S; readonly indices: S };

  // --- bits: words read as 64 bits, for every word of Z/2^64 ---

  /** The bits of x mod 2^64, as of a number in two's complement. */
  toBits(x: S): B;
  /** The number mod 2^64 that has these bits. */
  fromBits(b: B): S;
  /** x & y, bit by bit. @throws ShapeError where the shapes differ, as of `orBits` and `xorBits` */
  andBits(x: B, y: B): B;
  /** x | y, bit by bit. */
  orBits(x: B, y: B): B;
  /** x ^ y, bit by bit: local. */
  xorBits(x: B, y: B): B;
  /** ~x: local. */
  notBits(x: B): B;
  /** x << bits: local. @throws RangeError unless bits are 0 to 63, as of `shrBits` */
  shlBits(x: B, bits: number): B;
  /** x >> bits, with zeros from the left: local. */
  shrBits(x: B, bits: number): B;
}
