/** What all encoded layers have in common. */

import { affineInterval, type Interval } from '@tacit/he/network';
import { AffineMap } from './affine-map.js';
import { HeLayerError } from './errors.js';
import { EncryptedTensor } from './tensor.js';

/**
 * A layer with public weights on encrypted values. Shapes are of one image with a batch axis of 1.
 */
export interface EncodedLayer {
  /** Name of the layer in the file, or what was given. */
  readonly name: string;
  /** Class of layer, e.g. 'Conv2d'. */
  readonly kind: string;
  /** Shape of the result. Throws HeLayerError for inputs that the layer can't take. */
  outputShape(input: readonly number[]): readonly number[];
  /** The result is a new tensor; the input stays. */
  forward<C extends object>(x: EncryptedTensor<C>): EncryptedTensor<C>;
  /** The same on plain values in double precision. */
  plain(values: ArrayLike<number>, shape: readonly number[]): Float64Array;
  /** Derivatives by the input of a function of the plain result, from its derivatives by the result. */
  pullback(gradient: ArrayLike<number>, values: ArrayLike<number>, shape: readonly number[]): Float64Array;
  /** Bounds of the result for bounds of the input. */
  bounds(input: Interval, shape: readonly number[]): Interval;
}

/** Layers that are an affine map. The map is made once for each shape of input. */
export abstract class AffineLayer implements EncodedLayer {
  abstract readonly kind: string;
  private readonly maps = new Map<string, { map: AffineMap; shape: readonly number[] }>();

  constructor(readonly name: string) {}

  /** Throws HeLayerError where the shape does not fit. */
  protected abstract build(input: readonly number[]): { map: AffineMap; shape: readonly number[] };

  /** The matrix and shift for inputs of this shape, and the shape of the result. */
  mapFor(input: readonly number[]): { map: AffineMap; shape: readonly number[] } {
    const key = input.join();
    const known = this.maps.get(key);
    if (known !== undefined) return known;
    const built = this.build(input);
    this.maps.set(key, built);
    return built;
  }

  outputShape(input: readonly number[]): readonly number[] {
    return this.mapFor(input).shape;
  }

  forward<C extends object>(x: EncryptedTensor<C>): EncryptedTensor<C> {
    const { map, shape } = this.mapFor(x.shape);
    const output = affineInterval(map.matrix, map.bias, x.interval);
    const elements = x.arithmetic.affine(x.elements, map, { input: x.interval, output }, this.name);
    return EncryptedTensor.of(x.arithmetic, shape, x.images, output, elements);
  }

  plain(values: ArrayLike<number>, shape: readonly number[]): Float64Array {
    return this.mapFor(shape).map.apply(values);
  }

  pullback(gradient: ArrayLike<number>, _values: ArrayLike<number>, shape: readonly number[]): Float64Array {
    const { matrix } = this.mapFor(shape).map;
    const result = new Float64Array(matrix.columns);
    for (let row = 0; row < matrix.rows; row++)
      if (gradient[row] !== 0)
        matrix.forRow(row, (column, weight) => {
          result[column] += weight * gradient[row];
        });
    return result;
  }

  bounds(input: Interval, shape: readonly number[]): Interval {
    const { map } = this.mapFor(shape);
    return affineInterval(map.matrix, map.bias, input);
  }
}

/** An affine layer given as its matrix: what has no class of its own (transposes, means, constants). */
export class EncodedAffine extends AffineLayer {
  readonly kind: string;
  private readonly map: AffineMap;

  /**
   * Keeps the matrix, without a copy.
   * @param options matrix, shift and name
   * @param shapes of the only input that it takes, and of its result
   */
  constructor(
    options: { matrix: AffineMap['matrix']; bias?: Float64Array; name?: string; kind?: string },
    private readonly shapes: { input: readonly number[]; output: readonly number[] },
  ) {
    super(options.name ?? 'affine');
    this.kind = options.kind ?? 'Affine';
    this.map = new AffineMap(options.matrix, options.bias);
  }

  protected override build(input: readonly number[]) {
    const expected = this.shapes.input;
    if (input.join() !== expected.join()) throw misfit(this.name, input, `[${expected.join(', ')}]`);
    return { map: this.map, shape: this.shapes.output };
  }
}

export function misfit(layer: string, shape: readonly number[], expected: string): HeLayerError {
  return new HeLayerError(`Layer ${layer} takes ${expected}; its input has the shape [${shape.join(', ')}].`);
}

/** A whole number, or one for each axis. */
export type PerAxis = number | readonly number[];

/** Throws HeLayerError unless it is `axes` whole numbers of at least `least`. */
export function perAxis(layer: string, what: string, value: PerAxis, axes: number, least: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(axes).fill(value) : [...value];
  if (list.length !== axes || list.some((n) => !Number.isInteger(n) || n < least))
    throw new HeLayerError(
      `Layer ${layer}: ${what} is a whole number from ${least} on, or ${axes} of them, not ${list.join(', ')}.`,
    );
  return list;
}
