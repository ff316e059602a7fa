/** Layers that only move elements: no operation on any ciphertext. */
import { movesOf } from '@tacit/graph';
import { type Interval, sizeOf } from '@tacit/he/network';
import { HeLayerError } from './errors.js';
import { type EncodedLayer, misfit } from './layer.js';
import type { EncryptedTensor } from './tensor.js';

/** A layer that moves elements. */
export abstract class Move implements EncodedLayer {
  abstract readonly kind: string;
  /** What is put beside the elements. */
  readonly fill: number = 0;

  constructor(readonly name: string) {}

  abstract outputShape(input: readonly number[]): readonly number[];
  /** Index in the input of every element, or -1 for the fill. */
  abstract sources(input: readonly number[]): ArrayLike<number>;

  forward<C extends object>(x: EncryptedTensor<C>): EncryptedTensor<C> {
    return x.select(this.outputShape(x.shape), this.sources(x.shape), this.fill);
  }

  plain(values: ArrayLike<number>, shape: readonly number[]): Float64Array {
    return Float64Array.from(this.sources(shape), (from) => (from < 0 ? this.fill : values[from]));
  }

  pullback(gradient: ArrayLike<number>, values: ArrayLike<number>, shape: readonly number[]): Float64Array {
    const result = new Float64Array(values.length);
    const sources = this.sources(shape);
    for (let i = 0; i < sources.length; i++) if (sources[i] >= 0) result[sources[i]] += gradient[i];
    return result;
  }

  bounds({ low, high }: Interval, shape: readonly number[]): Interval {
    return { low: this.plain(low, shape), high: this.plain(high, shape) };
  }
}

const all = (shape: readonly number[]) => Int32Array.from({ length: sizeOf(shape) }, (_, i) => i);

/** To [product of the axes before `axis`, product of the others]. */
export class Flatten extends Move {
  readonly kind = 'Flatten';
  private readonly axis: number;

  /**
   * Leaves all elements in their order.
   * @param options first axis of the second group, from 1 by default, and name
   */
  constructor({ axis = 1, name = 'flatten' }: { axis?: number; name?: string } = {}) {
    super(name);
    this.axis = axis;
  }

  override outputShape(input: readonly number[]): readonly number[] {
    return [sizeOf(input.slice(0, this.axis)), sizeOf(input.slice(this.axis))];
  }

  override sources(input: readonly number[]) {
    return all(input);
  }
}

/** To another shape of the same size. */
export class Reshape extends Move {
  readonly kind = 'Reshape';

  /**
   * Leaves all elements in their order.
   * @param shape of the result
   * @param options its name
   */
  constructor(
    private readonly shape: readonly number[],
    { name = 'reshape' }: { name?: string } = {},
  ) {
    super(name);
  }

  override outputShape(input: readonly number[]): readonly number[] {
    if (sizeOf(input) !== sizeOf(this.shape))
      throw misfit(this.name, input, `${sizeOf(this.shape)} elements`);
    return this.shape;
  }

  override sources(input: readonly number[]) {
    return all(input);
  }
}

export interface PadOptions {
  /** Elements added (or, negative, cut off) at the begins of all axes, then at the ends. */
  readonly pads: readonly number[];
  /** Default 0. */
  readonly value?: number;
  readonly name?: string;
}

/** Public constants around a tensor. */
export class Pad extends Move {
  readonly kind = 'Pad';
  override readonly fill: number;
  private readonly pads: readonly number[];

  /**
   * Copies nothing: padding is public, and stays a number.
   * @param options amounts, what is put there, and name
   * @throws HeLayerError for amounts that are not whole numbers
   */
  constructor({ pads, value = 0, name = 'pad' }: PadOptions) {
    super(name);
    if (pads.length % 2 !== 0 || !pads.every(Number.isInteger) || !Number.isFinite(value))
      throw new HeLayerError(
        `Layer ${name}: pads are whole numbers, two for each axis, not ${pads.join(', ')}.`,
      );
    this.pads = pads;
    this.fill = value;
  }

  override outputShape(input: readonly number[]): readonly number[] {
    if (this.pads.length !== 2 * input.length) throw misfit(this.name, input, `${this.pads.length / 2} axes`);
    const shape = input.map((size, axis) => size + this.pads[axis] + this.pads[axis + input.length]);
    if (shape.some((size) => size < 1)) throw misfit(this.name, input, 'more elements than are cut off');
    return shape;
  }

  override sources(input: readonly number[]): Int32Array {
    return movesOf('Pad', [input], { pads: this.pads, value: 0 }).sources;
  }
}
