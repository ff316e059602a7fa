/** Same elements, other shape; -1 is inferred and, unless allowZero, 0 copies the input's size. Local, and so are masks. */
import { ShapeError } from '@tacit/errors';
import type { OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import type { Shaped } from '../operation/methods.js';
import { withNumbersOf } from '../plain/numbers.js';
import { normalizeAxis } from '../shape/axes.js';
import { at, type Dim, product, type Shape, show, sizeOf, UNKNOWN } from '../shape/dims.js';
import { shapedBounds } from './shared/views.js';

export interface ReshapeAttributes<L = readonly number[]> {
  readonly shape: L;
  readonly allowZero: boolean;
}

export const definition: OperationDefinition<'Reshape', ReshapeAttributes, ReshapeAttributes<OpenInts>> = {
  op: 'Reshape',
  summary: 'same elements, other shape',
  attributes: { shape: 'public', allowZero: 'bool' },
  arity: [1, 1],
  moves: true,
  infer([x], { shape, allowZero }) {
    if (!Array.isArray(shape)) return [new Array<Dim>(shape.length).fill(UNKNOWN)];
    return [reshaped(x, shape, allowZero)];
  },
  resolve: (_attributes, _inputs, shape) => ({ shape, allowZero: true }),
  evaluate: ([x], { shape }) => [withNumbersOf({ shape }, x)],
  gradient: (k, { inputs: [x], dy: [dy] }) => [k.reshape(dy, { shape: k.shapeOf(x), allowZero: true })],
  bounds: ([x], { shape }) => [shapedBounds(x, shape)],
  examples: [
    { shapes: [[2, 3]], attributes: { shape: [3, -1], allowZero: true } },
    { shapes: [[4]], attributes: { shape: [2, 1, 2], allowZero: false } },
    { shapes: [[1, 1]], attributes: { shape: [], allowZero: true } },
    { shapes: [[0, 3]], attributes: { shape: [3, 0], allowZero: true } },
  ],
};

function reshaped(x: Shape, target: readonly number[], allowZero: boolean): Shape {
  const shape: Dim[] = target.map((size, axis) => {
    if (!Number.isSafeInteger(size) || size < -1) throw new ShapeError(`${show(target)} is not a shape`);
    if (size !== 0 || allowZero) return size;
    if (axis >= x.length) throw new ShapeError(`no size to copy into axis ${axis} of ${show(target)}`);
    return at(x, axis);
  });
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1)) throw new ShapeError(`-1 twice in ${show(target)}`);
  // Symbols that are copied cancel, so that [batch, 16, 5, 5] to [0, -1] is known to be [batch, 400].
  const [left, right] = cancel(x, open < 0 ? shape : shape.filter((_, axis) => axis !== open));
  const [total, rest] = [product(left), product(right)];
  if (open >= 0) {
    if (rest === 1) shape[open] = total;
    else if (typeof total === 'number' && typeof rest === 'number') {
      if (rest === 0 || total % rest !== 0) throw new ShapeError(`sizes do not divide into ${show(target)}`);
      shape[open] = total / rest;
    } else shape[open] = UNKNOWN;
  } else if (typeof total === 'number' && typeof rest === 'number' && total !== rest)
    throw new ShapeError(`${total} elements are not the ${rest} of ${show(target)}`);
  return shape;
}

/** Both lists without the named sizes that they share. */
function cancel(a: Shape, b: Shape): [Dim[], Dim[]] {
  const [left, right] = [[...a], [...b]];
  for (const dim of a) {
    const match = typeof dim === 'string' && dim !== UNKNOWN ? right.indexOf(dim) : -1;
    if (match >= 0) {
      right.splice(match, 1);
      left.splice(left.indexOf(dim), 1);
    }
  }
  return [left, right];
}

const toShape = (shape: readonly number[]) => ({ attributes: { shape: [...shape], allowZero: true } });

export const methods = {
  /**
   * Another shape of the same size; one entry may be -1 and is computed from the others. No round; a masked tensor stays masked.
   * @param shape new sizes
   * @returns the given shape
   * @throws ShapeError where the sizes differ
   * @example x.reshape([2, -1])
   */
  reshape: (_x: unknown, shape: readonly number[]) => toShape(shape),
  /**
   * The same as reshape.
   * @param shape new sizes
   * @returns the given shape
   * @throws ShapeError where the sizes differ
   */
  view: (_x: unknown, shape: readonly number[]) => toShape(shape),
  /**
   * All axes from one on joined. No round.
   * @param startAxis first of the joined axes; default 0
   * @returns [..., product of the joined sizes]
   * @throws ShapeError where the axis is out of range
   * @example x.flatten(1)
   */
  flatten: ({ shape }: Shaped, startAxis = 0) => {
    const axis = shape.length === 0 && startAxis === 0 ? 0 : normalizeAxis(startAxis, shape.length);
    return { attributes: { shape: [...shape.slice(0, axis), sizeOf(shape.slice(axis))], allowZero: true } };
  },
};
