/** Targets of losses, their shapes, and what is checked of those that are public. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { CrypTensor, type Operand, OwnedTensor, type Plain, secretOf, toPlain } from '@tacit/tensor';

const isHidden = (x: Operand): x is CrypTensor | OwnedTensor =>
  x instanceof CrypTensor || x instanceof OwnedTensor;

const same = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);

/** A public target, which is checked, or one that is not known. */
function read(loss: string, target: Operand): Plain | CrypTensor | OwnedTensor {
  if (isHidden(target)) return target;
  const plain = toPlain(target);
  const bad = plain.data.find((v) => !Number.isFinite(v));
  if (bad !== undefined) throw new ArgumentError(`${loss}: a target of ${bad}`);
  return plain;
}

const operandOf = (x: Plain | CrypTensor | OwnedTensor): Operand =>
  isHidden(x as Operand) ? (x as CrypTensor) : { dims: x.shape, data: (x as Plain).data };

/** What numbers a target consists of. */
export interface Kind {
  readonly what: string;
  readonly holds: (v: number) => boolean;
}

/** Numbers from 0 to 1. */
export const PROBABILITIES: Kind = { what: 'a probability', holds: (v) => v >= 0 && v <= 1 };
/** Labels of two classes. */
export const SIGNS: Kind = { what: '1 or -1', holds: (v) => Math.abs(v) === 1 };

/**
 * A target with a number for each of the prediction: it is never broadcast.
 * @param loss name of the loss, for errors
 * @param prediction what a model made
 * @param target numbers for each of it
 * @param kind what these numbers have to be, where they are public
 * @returns the target
 * @throws ShapeError where the shapes differ
 * @throws ArgumentError where a public number is not finite, or not of the kind
 */
export function elementTarget(loss: string, prediction: CrypTensor, target: Operand, kind?: Kind): Operand {
  const known = read(loss, target);
  if (!same(prediction.shape, known.shape))
    throw new ShapeError(`${loss}: a target [${known.shape}] for a prediction [${prediction.shape}]`);
  if (!isHidden(known as Operand) && kind) {
    const bad = (known as Plain).data.find((v) => !kind.holds(v));
    if (bad !== undefined) throw new ArgumentError(`${loss}: a target of ${bad}, which is not ${kind.what}`);
  }
  return operandOf(known);
}

/**
 * A target as a secret, whoever knows it.
 * @param prediction a secret of the same party
 * @param target any operand
 * @returns a secret tensor, or the values of a public one
 */
export function secretOrPlain({ context }: CrypTensor, target: Operand): CrypTensor | Plain {
  if (target instanceof OwnedTensor) return new CrypTensor(secretOf(context, target));
  return target instanceof CrypTensor ? target : toPlain(target);
}

/** The axis of classes: the second one, or the only one. */
export const classAxis = ({ rank }: CrypTensor): number => Math.min(1, rank - 1);

/**
 * Classes as one-hot rows along the axis of classes.
 * @param loss name of the loss, for errors
 * @param prediction logits or log-probabilities [N, C, ...] or [C]
 * @param target one-hot rows of that shape, or secret or public indices [N, ...] or []
 * @param soft whether rows of probabilities are taken, too
 * @returns rows of the prediction's shape
 * @throws ShapeError where the target has neither shape
 * @throws ArgumentError where public rows are not such, or a public index is not one of a class
 */
export function oneHotTarget(loss: string, prediction: CrypTensor, target: Operand, soft: boolean): Operand {
  const { shape, rank } = prediction;
  if (rank === 0) throw new ShapeError(`${loss}: a prediction of shape [] has no axis of classes`);
  const known = read(loss, target);
  const axis = classAxis(prediction);
  if (same(shape, known.shape)) {
    if (!isHidden(known as Operand)) requireRows(loss, known as Plain, axis, soft);
    return operandOf(known);
  }
  const indices = shape.filter((_, i) => i !== axis);
  if (!same(indices, known.shape))
    throw new ShapeError(
      `${loss}: a target [${known.shape}] for a prediction [${shape}]: one-hot rows of its shape, or indices [${indices}]`,
    );
  if (!isHidden(known as Operand)) return publicRows(loss, known as Plain, shape, axis);
  const index = secretOrPlain(prediction, known as CrypTensor) as CrypTensor;
  const rows = index.oneHot(shape[axis]);
  // The new axis is the last one.
  if (axis === rank - 1) return rows;
  return rows.transpose(shape.map((_, i) => (i < axis ? i : i === axis ? rank - 1 : i - 1)));
}

/** Probabilities that are rounded add up to 1 within this. */
const ROUNDED = 1e-3;

function requireRows(loss: string, { shape, data }: Plain, axis: number, soft: boolean): void {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const classes = shape[axis];
  for (let row = 0; row < data.length / Math.max(1, classes); row++) {
    const start = Math.floor(row / inner) * classes * inner + (row % inner);
    const values = Array.from({ length: classes }, (_, c) => data[start + c * inner]);
    const ones = values.filter((v) => v === 1).length;
    const oneHot = ones === 1 && values.every((v) => v === 0 || v === 1);
    const sum = values.reduce((a, b) => a + b, 0);
    const probable = soft && values.every((v) => v >= 0) && Math.abs(sum - 1) <= ROUNDED;
    if (!oneHot && !probable)
      throw new ArgumentError(
        `${loss}: the target's row ${row} is [${values}], which is no one-hot row${soft ? ' and no probabilities' : ''}`,
      );
  }
}

function publicRows(loss: string, { data }: Plain, shape: readonly number[], axis: number): Operand {
  const classes = shape[axis];
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const rows = new Float64Array(data.length * classes);
  data.forEach((v, i) => {
    if (!Number.isInteger(v) || v < 0 || v >= classes)
      throw new ArgumentError(`${loss}: the class ${v} of ${classes} classes`);
    rows[(Math.floor(i / inner) * classes + v) * inner + (i % inner)] = 1;
  });
  return { dims: shape, data: rows };
}
