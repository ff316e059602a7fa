/**
 * CrypTensor: a handle to a secret tensor of fixed-point numbers. Operations return handles at once; only getPlainText
 * and reveal are awaited. All parties must issue the same operations in the same order.
 *
 * Its operations are those of `@tacit/graph`: they are put on the prototype from the registry, and typed by it. Products
 * are not truncated before something needs it: a ReLU truncates in its own rounds, a sum costs nothing.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { apply, type ConcreteOpName, checkOptions, type Methods, methodTable } from '@tacit/graph';
import type { Engine, Secret } from '@tacit/mpc';
import { signedWord, type Words } from '@tacit/ring';
import type { Tensor } from 'onnxruntime-common';
import { BinaryTensor } from './binary-tensor.js';
import type { Context } from './context.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import { asFactor } from './kernels/bilinear.js';
import { OwnedTensor } from './owned-tensor.js';
import { partAt, splitAlong, unbindAlong } from './parts.js';
import { type Plain, type PlainInput, toPlain } from './plain-input.js';
import { type PrivateValue, secretOf } from './private-value.js';

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
    const tensorOf = (made: FixedPoint) => new CrypTensor(made);
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
    const plain = await this.#revealed(undefined);
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
    const plain = await this.#revealed(recipient(options));
    return plain && toTensor(plain);
  }

  /**
   * As reveal, in double precision.
   * @param options `to`: rank of the only party that learns the value
   * @returns shape and doubles where the value is told
   * @throws as reveal
   */
  async revealFloat64(options: { readonly to?: number } = {}): Promise<Plain | undefined> {
    return this.#revealed(recipient(options));
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
    return this.#told(to, (words, scale) => Number(signedWord(words, 0)) / 2 ** scale);
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

  #revealed(to: number | undefined): Promise<Plain | undefined> {
    const { engine, shape } = this;
    return this.#told(to, (words, scale) => ({ shape, data: engine.ring.decode(words, scale) }));
  }

  // Issued before the first await, so that its place in the program is where it is written.
  #told<R>(to: number | undefined, read: (words: Words, scale: number) => R): Promise<R | undefined> {
    const { context, value } = this;
    const { engine, precision } = context;
    const decoded = (words: Words | undefined, scale: number): R | undefined => words && read(words, scale);
    // One bit more is told as it is: a product with an integer has it, and rounding it away would take a round.
    const drop = value.scale - precision.fractionBits <= 1 ? 0 : value.scale - precision.fractionBits;
    const lone = !('raw' in value.source && 'terms' in value.source);
    if (drop > 0 && lone && engine.roundsOnReveal(to)) {
      const told = engine.reveal(value.share, { to, scale: precision.fractionBits, drop });
      return told.then((words) => decoded(words, precision.fractionBits));
    }
    const x = value.narrow(1);
    const told = engine.reveal(x.share, { to, scale: x.scale });
    if (x !== value) x.dispose();
    return told.then((words) => decoded(words, x.scale));
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

/** Whom a value is told. What is misspelt or undefined must not become everybody. */
function recipient(options: { readonly to?: number }): number | undefined {
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`reveal takes options, such as { to: 1 }, not ${options}`);
  checkOptions('reveal', options, ['to']);
  if ('to' in options && options.to === undefined)
    throw new ArgumentError('reveal: to is undefined; leave it out to tell every party');
  return options.to;
}

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

async function toTensor({ shape, data }: Plain): Promise<Tensor> {
  const { Tensor } = await import('onnxruntime-common');
  return new Tensor('float32', Float32Array.from(data), shape);
}
