/** Einstein sums: products of operands, summed over what the result does not name. */
import { ShapeError } from '@tacit/errors';
import type { OperationDefinition } from '../operation/definition.js';
import type { Operand, Shaped } from '../operation/methods.js';
import type { Operations } from '../operation/operations.js';
import { type PlainTensor, stridesOf } from '../plain/plain-tensor.js';
import { type Dim, sameShape, show, sizeOf } from '../shape/dims.js';
import { readEquation } from './shared/equation.js';
import { shapeOfOperand } from './shared/operand-shape.js';

interface EinsumAttributes {
  /** As of NumPy: 'ij,jk->ik'. */
  readonly equation: string;
}

export const definition: OperationDefinition<'Einsum', EinsumAttributes> = {
  op: 'Einsum',
  summary: "products of operands, summed over what the result does not name: 'ij,jk->ik'",
  attributes: { equation: 'text' },
  arity: [1, Infinity],
  infer(inputs, { equation }) {
    const { output, sizes } = readEquation(equation, inputs);
    return [output.map((label) => sizes.get(label) as Dim)];
  },
  evaluate: (inputs, { equation }) => [summed(inputs, equation)],
  expand: (k, inputs, { equation }) => [composed(k, inputs, equation)],
  examples: [
    ['ij,jk->ik', [2, 3], [3, 2]],
    ['bij,bkj->bik', [2, 2, 3], [2, 2, 3]],
    ['...ij,...jk', [2, 1, 2, 3], [3, 3, 2]],
    ['i,j->ij', [3], [2]],
    ['ij,ij->ij', [2, 3], [2, 3]],
    ['ii->i', [3, 3]],
    ['iji->j', [2, 3, 2]],
    ['ij->', [2, 3]],
    ['ba', [2, 3]],
    ['ij,j->i', [2, 3], [1]],
    ['ij,jk,kl->li', [2, 3], [3, 2], [2, 2]],
    ['i,i->', [0], [0]],
  ].map(([equation, ...shapes]) => ({
    shapes: shapes as number[][],
    attributes: { equation: equation as string },
  })),
};

/** The reference: a sum over all labels. */
function summed(inputs: readonly PlainTensor[], text: string): PlainTensor {
  const { operands, output, sizes } = readEquation(
    text,
    inputs.map(({ shape }) => shape),
  );
  const sizesOf = (labels: readonly string[]) => labels.map((label) => sizes.get(label) as number);
  const labels = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))];
  const full = sizesOf(labels);
  // How far a step along each label goes in each operand; axes of size 1 repeat.
  const steps = operands.map((own, n) => {
    const strides = stridesOf(inputs[n].shape).map((stride, axis) =>
      inputs[n].shape[axis] === 1 ? 0 : stride,
    );
    return labels.map((label) =>
      own.reduce((sum, other, axis) => sum + (other === label ? strides[axis] : 0), 0),
    );
  });
  const shape = sizesOf(output);
  const data = new Float64Array(sizeOf(shape));
  const each = sizeOf(full.slice(output.length));
  const index = full.map(() => 0);
  const offsets = operands.map(() => 0);
  for (let place = 0; place < sizeOf(full); place++) {
    data[Math.floor(place / each)] += inputs.reduce((product, x, n) => product * x.data[offsets[n]], 1);
    for (let axis = full.length - 1; axis >= 0; axis--) {
      const wraps = ++index[axis] === full[axis];
      steps.forEach((own, n) => {
        offsets[n] += own[axis] * (wraps ? 1 - full[axis] : 1);
      });
      if (!wraps) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** A value with a label for each axis. */
interface Labelled<T> {
  readonly value: T;
  readonly labels: readonly string[];
}

/** Two operands at a time, from the left, as one matrix product each. */
function composed<T>(k: Operations<T>, inputs: readonly T[], text: string): T {
  const { operands, output, sizes } = readEquation(
    text,
    inputs.map((x) => k.shapeOf(x)),
  );
  const first = inputs.map((value, n) => single(k, { value, labels: operands[n] }, sizes));
  const [head, ...others] = first;
  const result = others.reduce((left, right, n) => {
    const later = new Set([...output, ...others.slice(n + 1).flatMap(({ labels }) => labels)]);
    const [a, b] = [
      reduced(k, left, [...later, ...right.labels]),
      reduced(k, right, [...later, ...left.labels]),
    ];
    return product(k, a, b, later);
  }, head);
  return ordered(k, reduced(k, result, output), output);
}

/** Each label once, and none of the axes of size 1 that others repeat. */
function single<T>(k: Operations<T>, x: Labelled<T>, sizes: ReadonlyMap<string, Dim>): Labelled<T> {
  const shape = k.shapeOf(x.value);
  const kept = x.labels.filter((label, axis) => shape[axis] === sizes.get(label));
  let value = k.reshape(x.value, {
    shape: shape.filter((size, axis) => size === sizes.get(x.labels[axis])),
    allowZero: true,
  });
  let labels = kept;
  for (const label of new Set(kept))
    while (labels.indexOf(label) !== labels.lastIndexOf(label)) {
      const [i, j] = [labels.indexOf(label), labels.lastIndexOf(label)];
      const others = labels.filter((_, axis) => axis !== i && axis !== j);
      const size = k.shapeOf(value)[i];
      const perm = [...[...labels.keys()].filter((axis) => axis !== i && axis !== j), i, j];
      const moved = k.transpose(value, { perm });
      const rest = k.shapeOf(moved).slice(0, -2);
      // Every (size + 1)-th element of the last two axes as one is on their diagonal.
      const flat = k.reshape(moved, { shape: [...rest, size * size], allowZero: true });
      value = k.slice(flat, { axes: [rest.length], starts: [0], ends: [size * size], steps: [size + 1] });
      labels = [...others, label];
    }
  return { value, labels };
}

/** Summed over the labels that nothing needs. */
function reduced<T>(k: Operations<T>, x: Labelled<T>, needed: readonly string[]): Labelled<T> {
  const axes = [...x.labels.keys()].filter((axis) => !needed.includes(x.labels[axis]));
  if (axes.length === 0) return x;
  return {
    value: k.reduceSum(x.value, { axes, keepDims: false }),
    labels: x.labels.filter((_, axis) => !axes.includes(axis)),
  };
}

/** The axes in the order of the labels. */
function ordered<T>(k: Operations<T>, x: Labelled<T>, labels: readonly string[]): T {
  return k.transpose(x.value, { perm: labels.map((label) => x.labels.indexOf(label)) });
}

/** The product of two operands, summed over the labels that both have and nothing needs later. */
function product<T>(
  k: Operations<T>,
  a: Labelled<T>,
  b: Labelled<T>,
  later: ReadonlySet<string>,
): Labelled<T> {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const [batch, inner] = [both.filter((l) => later.has(l)), both.filter((l) => !later.has(l))];
  const left = a.labels.filter((label) => !both.includes(label));
  const right = b.labels.filter((label) => !both.includes(label));
  const sizes = new Map<string, number>();
  for (const { value, labels } of [a, b])
    for (const [axis, size] of k.shapeOf(value).entries()) sizes.set(labels[axis], size);
  const sizesOf = (labels: readonly string[]) => labels.map((label) => sizes.get(label) as number);
  const arranged = (x: Labelled<T>, ...groups: (readonly string[])[]) =>
    k.reshape(ordered(k, x, groups.flat()), {
      shape: groups
        .filter((group) => group !== batch || batch.length > 0)
        .map((group) => sizeOf(sizesOf(group))),
      allowZero: true,
    });
  const [x, y] = [arranged(a, batch, left, inner), arranged(b, batch, inner, right)];
  // Elementwise products need no sum, and outer ones less randomness as matrices.
  const elementwise = inner.length === 0 && (left.length === 0 || right.length === 0);
  const labels = [...batch, ...left, ...right];
  const value = k.reshape(elementwise ? k.mul(x, y) : k.matMul(x, y), {
    shape: sizesOf(labels),
    allowZero: true,
  });
  return { value, labels };
}

const letters = (count: number) => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, count);

export const methods = {
  /**
   * The sum of the products of the elements of two tensors of one shape. One round, none for operands that were opened
   * before.
   * @param y the other tensor
   * @returns a scalar
   * @throws ShapeError where the shapes differ
   * @example x.dot([1, 2, 3])
   */
  dot: ({ shape }: Shaped, y: Operand) => {
    const other = shapeOfOperand(y);
    if (!sameShape(shape, other)) throw new ShapeError(`dot of ${show(shape)} and ${show(other)}`);
    const labels = letters(shape.length);
    return { inputs: [y], attributes: { equation: `${labels},${labels}->` } };
  },
  /**
   * The outer product of two vectors. Rounds as dot.
   * @param y the other vector
   * @returns [length of x, length of y]
   * @throws ShapeError for what is not a vector
   * @example x.ger([1, 2])
   */
  ger: ({ shape }: Shaped, y: Operand) => {
    const other = shapeOfOperand(y);
    if (shape.length !== 1 || other.length !== 1)
      throw new ShapeError(`ger of ${show(shape)} and ${show(other)}: it takes vectors`);
    return { inputs: [y], attributes: { equation: 'i,j->ij' } };
  },
};
