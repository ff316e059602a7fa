/** What a program gets as its party: makes tensors, knows who it is, counts what was sent. */

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { CommStats } from '@tacit/comm';
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions } from '@tacit/graph';
import type { Engine } from '@tacit/mpc';
import { sameShape } from '@tacit/ring';
import { Context } from './context.js';
import { CrypTensor } from './cryptensor.js';
import { FixedPoint } from './fixed-point/fixed-point.js';
import { OwnedTensor, termOf, type WeightScales } from './owned-tensor.js';
import { type PlainInput, toPlain } from './plain-input.js';
import { bernoulli, checkProbability, checkSizes, full, normal, uniform } from './random.js';
import { tidy } from './tidy.js';

/** Whose the values of a tensor are, and how they are held. */
export interface TensorOptions {
  /** Rank of the party that owns the values. Only its argument is used. */
  readonly src: number;
  /** Needed where the values are not given (at parties that don't own them). */
  readonly shape?: readonly number[];
  /** Fraction bits. Default the session's. */
  readonly precision?: number;
  /** Whether `backward` is to compute its gradient. Default false. */
  readonly requiresGrad?: boolean;
}

/** Whose weights are, and how they are scaled. */
export interface WeightOptions {
  /** Rank of the party that owns the values. */
  readonly src: number;
  readonly shape?: readonly number[];
  /** How the weights are scaled, the same at all parties; see `weightScales`. Default the session's fraction bits. */
  readonly scales?: WeightScales;
}

/** One party of a computation: what a program makes its tensors with. */
export class Party<E extends Engine = Engine> {
  readonly context: Context;

  /**
   * A party on an engine. A launched program receives its own.
   * @param engine one party's side of a computation
   */
  constructor(readonly engine: E) {
    this.context = new Context(engine);
  }

  get rank(): number {
    return this.engine.rank;
  }
  get worldSize(): number {
    return this.engine.parties;
  }
  /** Frames, bytes, rounds and waiting of this party so far. */
  get stats(): CommStats {
    return this.engine.stats;
  }

  /**
   * Shares a tensor that party `src` owns: no message. The other parties give the same shape, by any values or by
   * `shape`.
   * @param values values at the owner; elsewhere undefined, or any values of the shape
   * @param options owner, shape, precision, whether its gradient is wanted
   * @returns a handle, at once
   * @throws EncodeRangeError at the owner where a value is not a number or out of range
   * @throws ShapeError without a shape, or where the values do not fill it
   * @example const x = party.cryptensor([[1, 2], [3, 4]], { src: 0 });
   */
  cryptensor(values: PlainInput | undefined, options: TensorOptions): CrypTensor {
    const { shape, data } = this.#given(values, ['precision', 'requiresGrad'], options);
    const { fractionBits } = this.context.precision;
    const scale = options.precision ?? fractionBits;
    if (!Number.isInteger(scale) || scale < 0 || scale > MOST_FRACTION_BITS)
      throw new ArgumentError(`precision is 0 to ${MOST_FRACTION_BITS} fraction bits, not ${scale}`);
    const tensor = this.#shared(data, options.src, shape, scale);
    tensor.requiresGrad = options.requiresGrad ?? false;
    return tensor;
  }

  /**
   * Secret-shared weights, scaled so that small ones keep their precision. No message.
   * @param values values at the owner; elsewhere undefined, or any values of the shape
   * @param options owner, shape, scales
   * @returns a handle, at once
   */
  weights(values: PlainInput | undefined, { scales, ...options }: WeightOptions): CrypTensor {
    const { shape, data } = this.#given(values, [], options);
    if (!scales) return this.#shared(data, options.src, shape, this.context.precision.fractionBits);
    const [value, rest] = scales.slice(0, 2).map((scale, index) => {
      const term = data && (scales.length > 1 ? termOf(data, scales, index) : data);
      const made = this.#shared(term, options.src, shape, scale).value;
      made.scaled = true;
      return made;
    });
    return new CrypTensor(rest ? value.withRest(rest) : value);
  }

  #shared(data: Float64Array | undefined, src: number, shape: readonly number[], scale: number): CrypTensor {
    const words = data && this.engine.ring.encode(data, scale);
    const share = this.engine.input(src, shape, words, scale);
    return new CrypTensor(new FixedPoint(this.context, share, scale, this.context.precision.range));
  }

  /**
   * A tensor that party `src` keeps in the clear, as an operand of products (model-owner mode).
   * @param values values at the owner; elsewhere undefined, or any values of the shape
   * @param options owner, shape, scales
   * @returns the tensor; its masked form is sent at its first use or by `prepare()`
   * @throws ShapeError without a shape, or where the values do not fill it
   * @example const w = party.owned(weights, { src: 0, shape: [4, 2] });
   */
  owned(values: PlainInput | undefined, options: WeightOptions): OwnedTensor {
    const { shape, data } = this.#given(values, ['scales'], options);
    return new OwnedTensor(this.context, options.src, shape, data, options.scales);
  }

  /**
   * Zeros, which everybody knows, as a tensor. No message.
   * @param shape sizes of the axes
   * @returns a handle, at once
   * @throws ShapeError for what is not a shape
   */
  zeros(shape: readonly number[]): CrypTensor {
    return this.full(shape, 0);
  }

  /**
   * Ones, which everybody knows, as a tensor. No message.
   * @param shape sizes of the axes
   * @returns a handle, at once
   * @throws ShapeError for what is not a shape
   */
  ones(shape: readonly number[]): CrypTensor {
    return this.full(shape, 1);
  }

  /**
   * One public number everywhere, as a tensor. No message.
   * @param shape sizes of the axes
   * @param value number, the same at all parties
   * @returns a handle, at once
   * @throws ShapeError for what is not a shape; EncodeRangeError for what is not a number or out of range
   * @example const bias = party.full([4], 0.5);
   */
  full(shape: readonly number[], value: number): CrypTensor {
    return new CrypTensor(full(this.context, checkSizes('a tensor', shape), value));
  }

  /**
   * Random numbers that no party knows, uniform on [0, 1): multiples of 2^-f, f being the session's fraction bits. The
   * dealer draws them; no round.
   * @param shape sizes of the axes
   * @returns a handle, at once
   * @throws ShapeError for what is not a shape
   * @example const noise = party.rand([2, 3]).sub(0.5);
   */
  rand(shape: readonly number[]): CrypTensor {
    return new CrypTensor(uniform(this.context, checkSizes('rand', shape)));
  }

  /**
   * Standard normal random numbers that no party knows: drawn by the dealer in double precision (Box-Muller), up to 9.4
   * standard deviations, and rounded to the session's fraction bits; no round.
   * @param shape sizes of the axes
   * @returns a handle, at once
   * @throws ShapeError for what is not a shape
   * @example const noisy = x.add(party.randn(x.shape).mul(sigma));
   */
  randn(shape: readonly number[]): CrypTensor {
    return new CrypTensor(normal(this.context, checkSizes('randn', shape)));
  }

  /**
   * Random bits that no party knows. With a public probability, which is kept to 2^-53, no round; with a private one,
   * which is kept to the session's fraction bits and promised to be 0 to 1, those of a comparison.
   * @param p probability of a 1: a number, or a tensor with one for each bit
   * @param shape sizes of the axes; by default those of p, of a number none: one bit
   * @returns zeros and ones
   * @throws ArgumentError where a number is not a probability
   * @throws ShapeError for what is not a shape, or where p does not broadcast to it
   * @example const mask = party.bernoulli(0.5, [2, 3]);
   */
  bernoulli(p: number | CrypTensor, shape?: readonly number[]): CrypTensor {
    const own = p instanceof CrypTensor;
    const wanted = checkSizes('bernoulli', shape ?? (own ? p.shape : []));
    if (!own) {
      const probability = checkProbability('bernoulli', p);
      return new CrypTensor(bernoulli(this.context, wanted, probability));
    }
    const spread = sameShape(p.shape, wanted) ? p : p.expand(wanted);
    const u = this.rand(wanted);
    const result = u.lt(spread);
    u.dispose();
    if (spread !== p) spread.dispose();
    return result;
  }

  /** Shape at all parties, values at the owner. */
  #given(
    values: PlainInput | undefined,
    more: readonly string[],
    options: { readonly src: number; readonly shape?: readonly number[] },
  ): { shape: readonly number[]; data: Float64Array | undefined } {
    checkOptions('a tensor', options, ['src', 'shape', ...more]);
    const { src, shape: wanted } = options;
    this.#checkRank(src);
    const plain = values === undefined ? undefined : toPlain(values, wanted);
    const shape = wanted ?? plain?.shape;
    if (!shape) throw new ShapeError('a tensor without values needs a shape');
    if (this.rank === src && !plain) throw new ShapeError(`party ${src} owns the tensor and gave no values`);
    return { shape, data: this.rank === src ? plain?.data : undefined };
  }

  /**
   * The numbers 0 to n - 1 in an order that nobody knows. Rounds: one a party.
   * @param n how many
   * @returns whole numbers, of shape [n]
   * @throws ArgumentError unless n is a whole number from 0 on
   * @example const order = party.permutation(1000);
   */
  permutation(n: number): CrypTensor {
    if (!Number.isSafeInteger(n) || n < 0) throw new ArgumentError(`there is no permutation of ${n} numbers`);
    const { engine } = this;
    const numbers = engine.fromPublic(
      BigUint64Array.from({ length: n }, (_, i) => BigInt(i)),
      [1, n, 1],
    );
    const mixed = engine.shuffle(numbers);
    const magnitude = this.context.precision.bounded(Math.ceil(Math.log2(Math.max(1, n))));
    const value = new FixedPoint(this.context, mixed.reshaped([n]), 0, magnitude);
    for (const share of [numbers, mixed]) share.dispose();
    return new CrypTensor(value);
  }

  /**
   * Runs f, which must not await, and disposes every tensor that it makes but those that it returns.
   * @param f function, which must not await
   * @returns the result of f
   * @example const y = party.tidy(() => x.mul(w).relu());
   */
  tidy<T>(f: () => T): T {
    return tidy(this.context, f);
  }

  /**
   * Runs f with operations numbered on their own. Concurrent parts of a program (callbacks, requests) may reach their
   * operations in different orders at different parties; each gets a scope with a name of its own. f must not await.
   *
   * A tensor that several scopes multiply is masked by the first of them, which may be another one at each party
   * (PROGRAM_MISMATCH): call `await x.masked()` before, outside.
   *
   * A scope takes memory until it ends, by `last` or `endScope`; its name cannot be used again then.
   * @param name name of the scope, the same at all parties
   * @param f function, which must not await
   * @param options `last`: ends the scope after f
   * @returns the result of f
   * @example const answer = party.scope(requestId, () => model.forward(x), { last: true });
   */
  scope<T>(name: string, f: () => T, options: { readonly last?: boolean } = {}): T {
    return this.engine.scope(name, f, options);
  }

  /**
   * Ends a scope: nothing can be issued in it any more. What it has issued goes on.
   * @param name name of the scope, the same at all parties
   */
  endScope(name: string): void {
    this.engine.endScope(name);
  }

  /**
   * Tells everybody a public JSON value that party `src` knows, e.g. a shape; it may still be on its way there. One
   * round. The place of the call in the program says which announcement it is.
   * @param value JSON value at `src`, or a promise of it; ignored elsewhere
   * @param options `src`: rank of the party that knows the value; `timeoutMs`: how long the others wait, e.g. for somebody
   * who is in no hurry, `Infinity` for ever. Default the time of every message
   * @returns the value, at all parties
   * @example const shape = await party.announce(own?.shape, { src: 0 });
   */
  async announce<T>(
    value: T | Promise<T> | undefined,
    options: { readonly src: number; readonly timeoutMs?: number },
  ): Promise<T> {
    this.#checkRank(options.src);
    const own =
      this.rank === options.src
        ? Promise.resolve(value).then((v) => utf8ToBytes(JSON.stringify(v)))
        : undefined;
    const told = await this.engine.announce(
      options.src,
      own as Promise<Uint8Array<ArrayBuffer>> | undefined,
      options.timeoutMs,
    );
    return JSON.parse(new TextDecoder().decode(told));
  }

  #checkRank(src: number): void {
    if (!Number.isInteger(src) || src < 0 || src >= this.worldSize)
      throw new ArgumentError(`party ${src} does not exist: ranks are 0 to ${this.worldSize - 1}`);
  }
}

/** The most that leaves a bit for a value. */
const MOST_FRACTION_BITS = 60;
