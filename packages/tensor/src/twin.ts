/**
 * The plain twin: beside each operation in private the same one in double precision, for debugging. It reveals everything.
 *
 * What an operation gets and gives is revealed to all, at full scale; the reference is computed from the revealed inputs, so
 * errors do not add up along a program and the first operation that is named is the one that is wrong. An input that the
 * operation may truncate, and a public one that fixed point keeps to a relative precision, are intervals: interval
 * arithmetic (graph's bounds) gives what the result may be then. Beyond it the error that the operation's definition states
 * is allowed, or a few units in the last place.
 *
 * What is checked is an operation of the registry that has a kernel; one that is composed of others is checked by its parts.
 * What has no definition there is not seen: bits, and random numbers, which have no reference. Products are issued at full
 * scale here, and truncated in a round of their own where they otherwise share one.
 */
import { TacitError } from '@tacit/errors';
import {
  type Attributes,
  apply,
  boundsBackend,
  type ConcreteOpName,
  definitionOf,
  type Interval,
  map,
  type PlainTensor,
  spread,
} from '@tacit/graph';
import type { Context } from './context.js';
import type { FixedPoint } from './fixed-point/fixed-point.js';
import { isOwned, isPlain, isSecret, type PrivateValue, secretOf } from './private-value.js';

/** An operation's private result left its range, or is not what double precision gives. */
export class TwinError extends TacitError {
  constructor(message: string) {
    super('TWIN_DIFFERS', message);
  }
}

/** What is seen of an operation. */
export interface ObservedOperation {
  readonly op: ConcreteOpName;
  readonly inputs: readonly PrivateValue[];
  readonly attributes: object;
  readonly results: readonly PrivateValue[];
}

/** What is allowed where a definition states nothing. */
const UNITS = 8;
/** Public numbers are kept to this part of them at least. */
const RELATIVE = 2 ** -16;

/** Checks the operations of one party; all parties check the same. */
export class Twin {
  readonly #values = new WeakMap<FixedPoint, Promise<PlainTensor>>();
  #checked: Promise<TwinError | undefined> = Promise.resolve(undefined);
  #count = 0;

  /**
   * Sees every operation of a context from now on. All parties must do so, at the same place of the program.
   * @param context what the tensors of one party share
   */
  constructor(readonly context: Context) {
    context.observer = (operation) => this.#observe(operation);
  }

  /**
   * The verdict on all operations so far.
   * @returns the error of the first one that is wrong, in program order
   */
  verdict(): Promise<TwinError | undefined> {
    return this.#checked;
  }

  #observe({ op, inputs, attributes, results }: ObservedOperation): void {
    const number = this.#count++;
    const given = Promise.all(inputs.map((x) => this.#interval(x)));
    const made = Promise.all(results.map((y) => (isSecret(y) ? this.#revealed(y) : undefined)));
    const earlier = this.#checked;
    const check = async () => {
      const [x, y] = await Promise.all([given, made]);
      return (await earlier) ?? this.#differs(number, op, attributes, x, y);
    };
    this.#checked = check();
    for (const promise of [given, made, this.#checked]) promise.catch(() => {}); // of a computation that ended
  }

  /** A value as the operation may see it. */
  async #interval(x: PrivateValue): Promise<Interval> {
    const unit = 2 ** -this.context.precision.fractionBits;
    if (isPlain(x))
      return around(x, (v) => (Number.isInteger(v / unit) ? 0 : Math.max(unit, RELATIVE * Math.abs(v))));
    if (isOwned(x)) {
      const secret = secretOf(this.context, x);
      const revealed = this.#revealed(secret);
      return around(await revealed, (v) => Math.max(2 ** -x.scales[0], RELATIVE * Math.abs(v)));
    }
    // Weights whose scale was chosen for products are never truncated.
    const wide = !x.scaled && x.scale > this.context.precision.fractionBits;
    return around(await this.#revealed(x), () => (wide ? unit : 0));
  }

  #revealed(x: FixedPoint): Promise<PlainTensor> {
    let value = this.#values.get(x);
    if (!value) {
      const { engine } = this.context;
      const parts = [x, ...(x.rest ? [x.rest] : [])].map(async ({ share, scale }) => {
        const words = await engine.reveal(share, { scale });
        return engine.ring.decode(words ?? new BigUint64Array(0), scale);
      });
      value = Promise.all(parts).then(([data, rest]) => ({
        shape: x.shape,
        data: rest ? data.map((v, i) => v + rest[i]) : data,
      }));
      value.catch(() => {});
      this.#values.set(x, value);
    }
    return value;
  }

  #differs(
    number: number,
    op: ConcreteOpName,
    attributes: object,
    inputs: readonly Interval[],
    results: readonly (PlainTensor | undefined)[],
  ): TwinError | undefined {
    const { fractionBits, range } = this.context.precision;
    const { accuracy } = definitionOf(op);
    const coarser = Math.max(1, 2 ** (16 - fractionBits));
    const absolute = Math.max((accuracy?.maxError ?? 0) * coarser, UNITS * 2 ** -fractionBits);
    const relative = (accuracy?.relative ?? 0) * coarser;
    const wanted = referenceOf(op, attributes, inputs);
    const shapes = inputs.map(({ shape }) => `[${shape}]`).join(', ');
    const where = `operation ${number}, ${op} of ${shapes}`;
    for (const [output, result] of results.entries()) {
      const { low, high } = wanted[output] ?? {};
      if (!result || !low || !high) continue;
      for (const [i, v] of result.data.entries()) {
        const [least, most] = [low.data[i], high.data[i]];
        const size = Math.max(Math.abs(least), Math.abs(most));
        const slack = absolute + relative * size + 2 ** -40 * size;
        const left = least >= 2 ** range || most <= -(2 ** range);
        if (!left && v >= least - slack && v <= most + slack) continue;
        const right = least === most ? `${least}` : `${least} to ${most}`;
        const why = left
          ? `that leaves the range of 2^${range}: scale the data, or use fewer fraction bits`
          : (domainOf(accuracy?.domain, inputs[0], i) ?? `it may be off by ${slack}`);
        return new TwinError(
          `${where}: element ${i} is ${v} in private and ${right} in double precision; ${why}`,
        );
      }
    }
    return undefined;
  }
}

/** What the results may be: exact where the inputs are, bounds where these are intervals. */
function referenceOf(
  op: ConcreteOpName,
  attributes: object,
  inputs: readonly Interval[],
): readonly Interval[] {
  const given = attributes as Attributes<ConcreteOpName>;
  const exact = inputs.every(({ low, high }) => low === high);
  if (exact) {
    const results = definitionOf(op).evaluate(
      inputs.map(({ low }) => low),
      given,
    );
    return results.map((y) => ({ shape: y.shape, low: y, high: y }));
  }
  // Auxiliary outputs, which gradients are written with, have no bounds.
  return apply(boundsBackend, op, inputs, given as never, op, 1).map(spread);
}

/** The values within some distance of others; the same tensor twice where it is 0 throughout. */
function around(x: PlainTensor, distance: (v: number) => number): Interval {
  if (x.data.every((v) => distance(v) === 0)) return { shape: x.shape, low: x, high: x };
  return {
    shape: x.shape,
    low: map(x, (v) => v - distance(v)),
    high: map(x, (v) => v + distance(v)),
  };
}

function domainOf(
  domain: readonly [number, number] | undefined,
  x: Interval | undefined,
  i: number,
): string | undefined {
  if (!domain || !x || i >= x.low.data.length) return undefined;
  const [v, [low, high]] = [x.low.data[i], domain];
  return v >= low && v <= high ? undefined : `its input ${v} lies outside of ${low} to ${high}`;
}
