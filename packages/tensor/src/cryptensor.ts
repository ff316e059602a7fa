/**
 * CrypTensor: a handle to a secret tensor of fixed-point numbers. Operations return handles at once; only getPlainText
 * and reveal are awaited. All parties must issue the same operations in the same order.
 *
 * Its operations are those of `@tacit/graph`: they are put on the prototype from the registry, and typed by it. Products
 * are not truncated before something needs it: a ReLU truncates in its own rounds, a sum costs nothing.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import {
  apply,
  type ConcreteOpName,
  type Methods,
  methodTable,
  normalizeAxis,
  orderOf,
  type SortOptions,
} from '@tacit/graph';
import type { Engine, Secret } from '@tacit/mpc';
import { signedWord } from '@tacit/ring';
import type { Tensor } from 'onnxruntime-common';
import { backward, GradientError } from './autograd/backward.js';
import { gradientOf, requireGradient, setGradient } from './autograd/leaf.js';
import { gradientsAreOn } from './autograd/no-grad.js';
import { BinaryTensor } from './binary-tensor.js';
import type { Context } from './context.js';
import { type DropoutOptions, dropped } from './dropout.js';
import { firstInOrder } from './first-in-order.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import { asFactor } from './kernels/bilinear.js';
import { OwnedTensor } from './owned-tensor.js';
import { partAt, splitAlong, unbindAlong } from './parts.js';
import { type Plain, type PlainInput, toPlain } from './plain-input.js';
import { type PrivateValue, secretOf } from './private-value.js';
import { recipient, revealPlain, revealWords, toTensor } from './reveal.js';
import { shuffled } from './shuffled.js';
import { weightedIndex, weightedSample } from './weighted.js';

/** What an operation accepts as its other operand. */
export type Operand = CrypTensor | OwnedTensor | PlainInput;

/** Every operation of the registry that has a method, for example x.mul(y), x.relu(), x.sum(0). */
export interface CrypTensor extends Methods<CrypTensor, Operand> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype below, all of them
export class CrypTensor {
  /**
   * A handle to a fixed-point value. Programs get theirs from a Party and from operations.
   * @param value the value
   */
  constructor(readonly value: FixedPoint) {}

  get context(): Context {
    // Values are made in the context of a party only.
    return this.value.context as Context;
  }
  get engine(): Engine {
    return this.value.engine;
  }
  /** This party's handle in the protocols. A product is issued at its first use. */
  get share(): Secret {
    return this.value.share;
  }
  /** Fraction bits of the value as it is held now. */
  get scale(): number {
    return this.value.scale;
  }
  get shape(): readonly number[] {
    return this.value.shape;
  }
  /** Number of elements. */
  get size(): number {
    return this.value.size;
  }
  /** Number of axes. */
  get rank(): number {
    return this.value.rank;
  }
  /** Rounds on the longest chain of messages that leads to this tensor. */
  get rounds(): number {
    return this.value.depth;
  }

  /** This tensor truncated to the session's fraction bits, as products and reveals to all need it. One round, made once. */
  workingPrecision(): CrypTensor {
    const narrow = this.value.narrow();
    return narrow === this.value ? this : new CrypTensor(narrow);
  }

  /**
   * The bits of each element, as a tensor to compute on bit by bit: those of v 2^f as a 64-bit word in two's complement,
   * f being the session's fraction bits. Exact, three rounds; a product is truncated first.
   * @param domain 'binary', the only one
   * @returns the tensor of bits
   * @throws ArgumentError where there is no such form
   * @example const odd = x.to('binary').shl(63 - 16).shr(63 - 16).toArithmetic(); // x mod 2, of whole numbers
   */
  to(domain: 'binary'): BinaryTensor<CrypTensor> {
    if (domain !== 'binary') throw new ArgumentError(`a CrypTensor has no form '${domain}', only 'binary'`);
    const { context, value } = this;
    if (value.rest) throw new ArgumentError('weights of two scales have no bits: share them by cryptensor()');
    return context.scope(
      () => new BinaryTensor(context, context.engine.toBits(value.narrow().withFractions().share), tensorOf),
      (bits) => [bits],
    );
  }

  /** Opens this tensor under a mask now, so that later products with it need no opening of it. */
  async masked(): Promise<void> {
    const { engine, value } = this;
    const parts = value.rest ? [value, value.rest] : [value];
    await Promise.all(parts.map((part) => engine.prepare(asFactor(part).share).value));
  }

  /**
   * Parts of an axis, one after the other. No round.
   * @param sizes one size for all parts (the last may be smaller), or the size of each part
   * @param axis axis; negative ones count from the back; default 0
   * @returns the parts
   * @throws ShapeError where there is no such axis, or the sizes are not those of its parts
   * @example const [a, b] = x.split([2, 3], 1);
   */
  split(sizes: number | readonly number[], axis = 0): CrypTensor[] {
    return splitAlong(this, sizes, axis);
  }

  /**
   * Every part of an axis, without the axis. No round.
   * @param axis axis; negative ones count from the back; default 0
   * @returns as many tensors as the axis is long
   * @throws ShapeError where there is no such axis
   * @example const rows = matrix.unbind();
   */
  unbind(axis = 0): CrypTensor[] {
    return unbindAlong(this, axis);
  }

  /**
   * The part that an index in NumPy's notation names. No round.
   * @param index for each axis, separated by commas, a number or start:end:step; '...' for all axes that are not named
   * @returns the part, without the axes of numbers
   * @throws ShapeError where a number is out of range or more axes are named than there are
   * @throws ArgumentError where the index cannot be read
   * @example x.at('1:-1, ::2, 0');
   */
  at(index: string): CrypTensor {
    return partAt(this, index);
  }

  /**
   * This tensor with elements set to 0 at random, each with probability p, and the others divided by 1 - p: nobody knows
   * which. The round of a product.
   * @param p probability of an element to be dropped, 0 to 1
   * @param options `training`: false leaves the tensor as it is, default true; `noiseShape`
   * @returns the shape of x
   * @throws ArgumentError where p is not a probability, or for options that do not exist
   * @throws ShapeError where what is drawn does not broadcast to the tensor
   * @example const h = x.dropout(0.5, { training: model.training });
   */
  dropout(p: number, options: DropoutOptions = {}): CrypTensor {
    return dropped(this, p, options, tensorOf);
  }

  /**
   * A place drawn at random along an axis, as ones and zeros: each with the probability of its weight's part of the
   * total, to 2^-16 (the session's fraction bits). Exactly one place is drawn; where all weights are 0 it is the last.
   * Rounds: those of a product and of a comparison.
   * @param axis axis along which this tensor's elements, which must not be negative, are weights; by default one place of
   * the whole tensor
   * @returns the shape of x
   * @throws ShapeError where there is no such axis or nothing to draw from
   * @example const coin = party.cryptensor([1, 3], { src: 0 }).weightedIndex(0); // [0, 1] three times out of four
   */
  weightedIndex(axis?: number): CrypTensor {
    return weightedIndex<CrypTensor>(this, axis, tensorOf);
  }

  /**
   * An element drawn at random along an axis, with itself as its weight: the sum of x times `x.weightedIndex(axis)`.
   * Rounds: those of `weightedIndex` and of a product.
   * @param axis axis along which an element is drawn; by default one element of the whole tensor
   * @returns the shape of x without the axis
   * @throws ShapeError where there is no such axis or nothing to draw from
   * @example const drawn = party.cryptensor([1, 6], { src: 0 }).weightedSample(0); // 6 six times out of seven
   */
  weightedSample(axis?: number): CrypTensor {
    return weightedSample<CrypTensor>(this, axis, tensorOf);
  }

  /**
   * The slices of an axis, moved by one permutation that nobody knows: `x.shuffle(1)` moves columns. Exact. Rounds: one a
   * party.
   * @param axis axis; negative ones count from the back; default 0
   * @returns the shape of x
   * @throws ShapeError where there is no such axis
   * @throws GradientError where a gradient is wanted of x: none flows back through an order that nobody knows
   * @example const rows = table.shuffle();
   */
  shuffle(axis = 0): CrypTensor {
    if (this.requiresGrad && gradientsAreOn())
      throw new GradientError(
        'no gradient flows back through shuffle: detach() what is shuffled, or use noGrad',
      );
    return new CrypTensor(
      this.context.scope(
        () => shuffled(this.value, axis),
        (value) => [value],
      ),
    );
  }

  /**
   * Indices of the elements of an axis in order, equal ones as they are in x. Rounds as `sort`.
   * @param axis axis; negative ones count from the back; default the last
   * @param options see the type; an unknown name is an error
   * @returns whole numbers, of the shape of x
   * @throws ShapeError where the axis is out of range or too long, as for `sort`
   * @throws ArgumentError for an unknown option
   * @example const order = x.argsort(0, { descending: true });
   */
  argsort(axis = -1, options: SortOptions = {}): CrypTensor {
    const order = orderOf('argsort', this, axis, options);
    const [values, indices] = firstInOrder(this, 'argsort', order);
    values.dispose();
    return new CrypTensor(indices);
  }

  /**
   * The k largest elements of an axis from the largest on, and where they are; of equal ones the first come first. Rounds
   * as `sort`, with fewer comparisons.
   * @param k how many, up to the size of the axis
   * @param axis axis; negative ones count from the back; default the last
   * @returns both of the shape of x with the size k along the axis
   * @throws ShapeError where the axis is out of range or too long, as for `sort`, or there are not k elements
   * @throws ArgumentError where k is not a whole number
   * @example const { values, indices } = scores.topk(10);
   */
  topk(k: number, axis = -1): { readonly values: CrypTensor; readonly indices: CrypTensor } {
    const own = normalizeAxis(axis, this.rank);
    const made = firstInOrder(this, 'topk', { axis: own, k, largest: true });
    const [values, indices] = made.map(tensorOf);
    return { values, indices };
  }

  /** Whether `backward` computes a gradient here, or passes through. */
  get requiresGrad(): boolean {
    return this.value.history !== undefined;
  }
  /**
   * Asks for the gradient of what is computed from this tensor from now on, or no longer. A result of other tensors that
   * require one requires it, too, and cannot be told not to: `detach()` gives one that does not.
   */
  set requiresGrad(wanted: boolean) {
    requireGradient(this.value, wanted);
  }

  /** The gradient that `backward` has added up here; undefined before, and for results of other tensors. */
  get grad(): CrypTensor | undefined {
    const gradient = gradientOf(this.value);
    return gradient && new CrypTensor(gradient);
  }
  /** Puts another gradient in its place, such as a clipped one, or with undefined none, as before a new step. */
  set grad(gradient: CrypTensor | undefined) {
    if (gradient !== undefined && !(gradient instanceof CrypTensor))
      throw new ArgumentError('grad is a CrypTensor or undefined; backward() takes a gradient to start from');
    setGradient(this.value, gradient?.value);
  }

  /**
   * Adds the gradient of this tensor to `grad` of every tensor that it was computed from and that requires one: reverse
   * mode, by the gradient of each operation. Returns at once. What the forward pass has opened is not opened again, and
   * what was kept for the gradient is freed on the way, so it can pass only once. Rounds: those of the gradients, in
   * reverse order.
   * @param grad gradient of what is minimised with respect to this tensor, of its shape; default 1, for one element
   * @throws GradientError where nothing requires a gradient, or backward has passed here before
   * @throws ShapeError where the gradient has another shape, or is missing for several elements
   * @example model.forward(x).sub(y).square().mean().backward();
   */
  backward(grad?: Operand): void {
    backward(this.context, this.value, grad === undefined ? undefined : backendValue(grad));
  }

  /**
   * The same value without its history: no gradient flows back through it. No round.
   * @returns a handle of its own
   * @example const target = model.forward(x).detach();
   */
  detach(): CrypTensor {
    return new CrypTensor(this.value.alias());
  }

  /** A handle of its own to the same value. No round. */
  clone(): CrypTensor {
    return new CrypTensor(this.context.alias(this.value));
  }

  /**
   * Tells the value to every party: one round. Resolves to a float32 tensor.
   * @param none it takes nothing: an argument, as for the recipient, is refused and not told to everybody
   * @returns values and shape, at every party
   * @throws ArgumentError for an argument; the error that ended the computation, if one did
   * @example const { data } = await x.getPlainText();
   */
  async getPlainText(...none: never[]): Promise<Tensor> {
    if (none.length > 0)
      throw new ArgumentError(
        'getPlainText tells every party and takes no argument: reveal({ to }) tells one',
      );
    const plain = await revealPlain(this, undefined);
    if (!plain) throw new Error('a value revealed to all was not received');
    return toTensor(plain);
  }

  /**
   * Tells the value to party `to` only (to all without it): one round. Resolves to undefined at the others.
   * @param options `to`: rank of the only party that learns the value
   * @returns a float32 tensor where the value is told
   * @throws ArgumentError unless `to`, where it is given, is a party, and for other options: nothing is told then
   * @example const answer = await y.reveal({ to: 1 });
   */
  async reveal(options: { readonly to?: number } = {}): Promise<Tensor | undefined> {
    const plain = await revealPlain(this, recipient(options));
    return plain && toTensor(plain);
  }

  /**
   * As reveal, in double precision.
   * @param options `to`: rank of the only party that learns the value
   * @returns shape and doubles where the value is told
   * @throws as reveal
   */
  async revealFloat64(options: { readonly to?: number } = {}): Promise<Plain | undefined> {
    return revealPlain(this, recipient(options));
  }

  /**
   * The number of a tensor with one element, told as by `reveal`: one round.
   * @param options `to`: rank of the only party that learns the number
   * @returns the number, exactly as it is held; undefined at parties that do not learn it
   * @throws ShapeError unless there is exactly one element; otherwise as reveal. Nothing is told then
   * @example const loss = await difference.square().mean().item();
   */
  async item(options: { readonly to?: number } = {}): Promise<number | undefined> {
    const to = recipient(options);
    if (this.size !== 1)
      throw new ShapeError(
        `item() is the number of one element, and the shape [${this.shape}] has ${this.size}`,
      );
    return revealWords(this, to, (words, scale) => Number(signedWord(words, 0)) / 2 ** scale);
  }

  /**
   * What this party holds of the tensor, for debugging: its share of each element, signed. Nothing is sent, and in a
   * suite of shares the numbers are noise; in the plain suite they are the values times 2^scale.
   * @returns the words in row-major order
   * @throws the error that ended the computation, if one did
   * @example console.log(await x.debugShares());
   */
  async debugShares(): Promise<bigint[]> {
    const words = await this.share.value;
    return Array.from(words, (_, index) => signedWord(words, index));
  }

  /** Frees the words after the last operation that uses them. Any later use is an error. */
  dispose(): void {
    this.value.dispose();
  }
  /** Called at the end of a block by `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Refuses to be used in an expression or a condition.
   * @throws TypeError always; it says what to write instead
   */
  [Symbol.toPrimitive](): never {
    throw new TypeError(
      'a CrypTensor has no value here: write x.lt(y), x.add(y), ... instead of operators, where(...) instead of if, and getPlainText() to reveal',
    );
  }
}

for (const { name, op, invoke } of methodTable())
  Object.defineProperty(CrypTensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: CrypTensor, ...args: unknown[]): CrypTensor {
      const { op: chosen = op, inputs = [], attributes } = invoke(this, ...args);
      return call(
        this.context,
        chosen as ConcreteOpName,
        [this, ...(inputs as readonly unknown[] as readonly Operand[])],
        attributes,
        name,
      );
    },
  });

const tensorOf = (value: FixedPoint): CrypTensor => new CrypTensor(value);

/**
 * The first output of an operation on operands of any kind.
 * @param label how the user called it, for errors
 */
export function call(
  context: Context,
  op: ConcreteOpName,
  operands: readonly Operand[],
  attributes: object,
  label: string,
): CrypTensor {
  const inputs = operands.map(backendValue);
  const [value] = apply(context.backend, op, inputs, attributes as never, label);
  const secret = secretOf(context, value);
  return new CrypTensor(inputs.includes(secret) ? context.alias(secret) : secret);
}

/**
 * What the backend computes on.
 * @param x secret, owned or public operand
 * @returns the value that kernels take
 * @example apply(x.context.backend, 'Relu', [backendValue(x)], {});
 */
export function backendValue(x: Operand): PrivateValue {
  if (x instanceof CrypTensor) return x.value;
  return x instanceof OwnedTensor ? x : toPlain(x);
}

/**
 * Whether a value is a CrypTensor.
 * @param x any value
 * @returns true for a CrypTensor
 * @example isEncryptedTensor(x); // true
 */
export const isEncryptedTensor = (x: unknown): x is CrypTensor => x instanceof CrypTensor;
