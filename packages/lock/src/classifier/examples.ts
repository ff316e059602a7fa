/** Labelled examples as a model takes them: checked, with the shape of its input. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { InputShapeError, show, sizeOf } from '@tacit/graph';

/** Numbers of a shape with the class of each part of its first axis. */
export interface LabelledData {
  /** The examples are the parts of the first axis; numbers are taken as they are, nothing is scaled. */
  readonly images: { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  /** The class of each example, from 0. */
  readonly labels: { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> };
}

/** Examples of the shape that a model takes. */
export interface Examples {
  readonly count: number;
  /** Shape of one. */
  readonly shape: readonly number[];
  /** All numbers, example by example. */
  readonly data: ArrayLike<number>;
  readonly labels: readonly number[];
}

/**
 * Checks examples against a model. Axes of size 1 may be missing or too many: images [n, 28, 28] fit an input
 * [n, 1, 28, 28]; and an input of two axes takes images of any shape with as many numbers.
 * @param data images and labels
 * @param input name and shape of the model's input; the first axis, and others that are no numbers, fit any size
 * @param classes how many classes the model tells apart
 * @returns the examples
 * @throws InputShapeError where the images are not of the input's shape
 * @throws ArgumentError where there are none, not as many labels, or a label is no class
 * @throws ShapeError where numbers do not fill a shape
 * @example examplesFor(data, { name: 'x', shape: ['n', 1, 28, 28] }, 10).count; // 500
 */
export function examplesFor(
  { images, labels }: LabelledData,
  input: { readonly name: string; readonly shape: readonly (number | string)[] },
  classes: number,
): Examples {
  const [count = 0, ...own] = images.shape;
  const size = sizeOf(images.shape);
  if (images.data.length !== size || images.shape.length === 0)
    throw new ShapeError(`${images.data.length} numbers are no images of the shape ${show(images.shape)}`);
  const shape = fitted(own, input.shape.slice(1));
  if (shape === undefined)
    throw new InputShapeError(input.name, input.shape, images.shape, 'the images do not fit it');
  if (count === 0) throw new ArgumentError('there are no images');
  return { count, shape, data: images.data, labels: checkedLabels(labels, count, classes) };
}

/** The shape of an example with the axes of the input, or undefined where it has other numbers. */
function fitted(own: readonly number[], input: readonly (number | string)[]): number[] | undefined {
  const open = (size: number | string, axis: number) => (typeof size === 'number' ? size : own[axis]);
  if (own.length === input.length) {
    const shape = input.map(open);
    return shape.every((size, axis) => size === own[axis]) ? [...own] : undefined;
  }
  if (!input.every((size) => typeof size === 'number')) return undefined;
  const wide = (shape: readonly number[]) => String(shape.filter((size) => size !== 1));
  const flat = input.length === 1 && sizeOf(input) === sizeOf(own);
  return flat || wide(own) === wide(input) ? [...input] : undefined;
}

function checkedLabels(
  { shape, data }: LabelledData['labels'],
  count: number,
  classes: number,
): readonly number[] {
  if (data.length !== count || sizeOf(shape) !== count)
    throw new ArgumentError(
      `there are ${count} images, but labels of the shape ${show(shape)}: one class an image is needed`,
    );
  return Array.from(data, (label, index) => {
    const value = Number(label);
    if (!Number.isInteger(value) || value < 0 || value >= classes)
      throw new ArgumentError(
        `label ${index} is ${String(label)}, but the model tells ${classes} classes apart: 0 to ${classes - 1}`,
      );
    return value;
  });
}

/**
 * Some of the examples, in the order given.
 * @param examples all
 * @param indices which of them
 * @returns copies
 */
export function pick({ shape, data, labels }: Examples, indices: readonly number[]): Examples {
  const size = sizeOf(shape);
  const own = new Float64Array(indices.length * size);
  indices.forEach((index, at) => {
    for (let i = 0; i < size; i++) own[at * size + i] = data[index * size + i];
  });
  return { count: indices.length, shape, data: own, labels: indices.map((index) => labels[index]) };
}
