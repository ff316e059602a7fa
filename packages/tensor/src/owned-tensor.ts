/**
 * A tensor that one party holds in the clear, and the others know by shape only: the weights of a model that its owner
 * serves. Products with it cost one plain product a party and half the messages of a product of two secrets.
 */

import { ArgumentError, ShapeError } from '@tacit/errors';
import { gatherStrided, type Numbers, sizeOf } from '@tacit/graph';
import type { Engine, Prepared } from '@tacit/mpc';
import { broadcastTo, permute, type SliceRange, slice, type View, viewOf, type Words } from '@tacit/ring';
import type { ValueContext } from './fixed-point/fixed-point.js';

/**
 * How the words of weights are scaled, which is public: fraction bits of each of the terms that they are the sum of. Small
 * weights need more fraction bits, and weights of very different sizes two terms.
 */
export type WeightScales = readonly number[];

/** The values of term `index`: what is left after the terms before it, on the grid of its scale. */
export function termOf(values: Numbers, scales: WeightScales, index: number): Float64Array {
  const onGrid = (v: number, scale: number) => Math.round(v * 2 ** scale) / 2 ** scale;
  return Float64Array.from(values, (v) => {
    let rest = v;
    for (let before = 0; before < index; before++) rest -= onGrid(rest, scales[before]);
    return onGrid(rest, scales[index]);
  });
}

/** A tensor that one party holds in the clear. */
export class OwnedTensor {
  readonly engine: Engine;
  readonly scales: WeightScales;
  readonly #encoded = new Map<number, Words>();
  readonly #operands = new Map<number, Prepared>();
  readonly #views = new Map<string, OwnedTensor>();
  #values: Numbers | undefined;
  #forgotten = false;

  /**
   * Programs call `party.owned`.
   * @param context what the tensors of one party share
   * @param owner rank of the owner
   * @param shape sizes of the axes
   * @param values values, at the owner only; not copied, so they must not change
   * @param scales fraction bits of the terms; by default one term at the session's
   * @param origin the tensor that this is a view of, and the view
   */
  constructor(
    readonly context: ValueContext,
    readonly owner: number,
    readonly shape: readonly number[],
    values: Numbers | undefined,
    scales?: WeightScales,
    /** The tensor that this is a view of, whose masked form is used here, too. */
    readonly origin?: { readonly of: OwnedTensor; readonly view: View },
  ) {
    this.engine = context.engine;
    this.#values = values;
    this.scales = scales ?? [context.precision.fractionBits];
  }

  /**
   * The values, at the owner only; those of a view are gathered when they are first asked for.
   * @throws ArgumentError where they were let go
   */
  get values(): Numbers | undefined {
    if (this.#forgotten) throw new ArgumentError('of an owned tensor that was let go only products are left');
    const { of, view } = this.origin ?? {};
    if (of?.values && view)
      this.#values ??= gatherStrided(of.values, view.shape, view.strides, view.offset).data;
    return this.#values;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * The same values under another shape of the same size.
   * @param shape sizes of the axes
   * @returns the view, the same object for the same shape
   */
  reshape(shape: readonly number[]): OwnedTensor {
    return this.#viewed('reshape', viewOf(shape));
  }

  /**
   * The values repeated to a shape.
   * @param shape sizes of the axes
   * @returns the view, the same object for the same shape
   */
  broadcast(shape: readonly number[]): OwnedTensor {
    return this.#viewed('broadcast', broadcastTo(this.shape, shape));
  }

  /**
   * Axes in another order.
   * @param permutation for each axis of the result, an axis of this tensor
   * @returns the view, the same object for the same permutation
   */
  transpose(permutation: readonly number[]): OwnedTensor {
    return this.#viewed(`transpose ${permutation}`, permute(this.shape, permutation));
  }

  /**
   * Part of the values.
   * @param ranges range of each axis
   * @returns the view, the same object for the same ranges
   */
  slice(ranges: readonly (SliceRange | undefined)[]): OwnedTensor {
    return this.#viewed(`slice ${JSON.stringify(ranges)}`, slice(this.shape, ranges));
  }

  #viewed(how: string, view: View): OwnedTensor {
    const key = `${how} ${view.shape}`;
    let viewed = this.#views.get(key);
    if (!viewed) {
      const origin = { of: this, view };
      viewed = new OwnedTensor(this.context, this.owner, view.shape, undefined, this.scales, origin);
      this.#views.set(key, viewed);
    }
    return viewed;
  }

  /**
   * The tensor of f of each value, with the scales that it needs.
   * @param f function of a value, computed at the owner
   * @param scales fraction bits of the terms; by default one term at the session's
   * @returns the new tensor, masked by itself
   */
  map(f: (value: number) => number, scales?: WeightScales): OwnedTensor {
    const values = this.values && Float64Array.from(this.values, f);
    return new OwnedTensor(this.context, this.owner, this.shape, values, scales);
  }

  /**
   * The owner's words at a scale; undefined elsewhere.
   * @param scale fraction bits
   * @returns the words
   * @throws EncodeRangeError where a value is out of range
   */
  encoded(scale: number): Words | undefined {
    if (!this.values) return undefined;
    let words = this.#encoded.get(scale);
    if (!words) {
      words = this.engine.ring.encode(this.values, scale);
      this.#encoded.set(scale, words);
    }
    return words;
  }

  /**
   * The operand of products for one of its terms, sent masked once.
   * @param index which term; default the first
   * @returns the operand
   */
  operand(index = 0): Prepared {
    let operand = this.#operands.get(index);
    if (!operand) {
      operand = this.origin
        ? this.engine.viewPrepared(this.origin.of.operand(index), this.origin.view)
        : this.#own(index);
      this.#operands.set(index, operand);
    }
    return operand;
  }

  #own(index: number): Prepared {
    const { values, scales, shape, owner } = this;
    const { ring } = this.engine;
    const scale = scales[index];
    if (!values) return this.engine.privateOperand(owner, shape, undefined, scale);
    if (values.length !== this.size)
      throw new ShapeError(`${values.length} values do not fill the shape [${shape}]`);
    const term = () => (scales.length > 1 ? termOf(values, scales, index) : values);
    ring.checkEncodable(term(), scale);
    const write = (out: Words) => ring.encodeInto(out, term(), scale);
    return this.engine.privateOperand(owner, shape, write, scale);
  }

  /** Sends the masked form now, outside of any inference. */
  async prepare(): Promise<void> {
    await Promise.all(this.scales.map((_, index) => this.operand(index).value));
  }

  /** Lets go of the values, when the masked form was sent: products are possible still, and nothing else. */
  forget(): void {
    this.#forgotten ||= this.#values !== undefined;
    this.#values = undefined;
    for (const view of this.#views.values()) view.forget();
  }

  /** Frees the masked form, and the views. */
  dispose(): void {
    for (const view of this.#views.values()) view.dispose();
    if (!this.origin) for (const operand of this.#operands.values()) operand.lifetime.release();
    this.#operands.clear();
  }
}
