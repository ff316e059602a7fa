/** Targets of losses, and their shapes. */
import { ShapeError } from '@tacit/errors';
import { CrypTensor, type Operand, OwnedTensor, toPlain } from '@tacit/tensor';

const shapeOf = (x: Operand): readonly number[] =>
  x instanceof CrypTensor || x instanceof OwnedTensor ? x.shape : toPlain(x).shape;

const same = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);

/**
 * Refuses a target that would be broadcast.
 * @throws ShapeError where the shapes differ
 */
export function requireSameShape(loss: string, prediction: CrypTensor, target: Operand): void {
  const shape = shapeOf(target);
  if (!same(prediction.shape, shape))
    throw new ShapeError(`${loss}: a target [${shape}] for a prediction [${prediction.shape}]`);
}

/**
 * Classes along axis 1 as one-hot rows.
 * @param loss name of the loss, for errors
 * @param prediction logits or probabilities [N, C, ...]
 * @param target one-hot rows of that shape, or private indices [N, ...]
 * @returns one-hot rows of the prediction's shape
 * @throws ShapeError where the target has neither shape
 */
export function oneHotTarget(loss: string, prediction: CrypTensor, target: Operand): Operand {
  const { shape, rank } = prediction;
  const given = shapeOf(target);
  if (same(shape, given)) return target;
  const [batch, classes, ...rest] = shape;
  if (rank < 2 || !same([batch, ...rest], given))
    throw new ShapeError(
      `${loss}: a target [${given}] for a prediction [${shape}]: one-hot rows of its shape, or indices [${[batch, ...rest]}]`,
    );
  if (target instanceof OwnedTensor) throw new ShapeError(`${loss}: indices are secret or public`);
  if (!(target instanceof CrypTensor)) return publicOneHot(toPlain(target), classes, loss);
  const rows = target.oneHot(classes);
  // The new axis is the last one.
  const perm = [0, rank - 1, ...rest.map((_, i) => i + 1)];
  return rest.length > 0 ? rows.transpose(perm) : rows;
}

function publicOneHot({ shape, data }: ReturnType<typeof toPlain>, classes: number, loss: string): Operand {
  const [batch, ...rest] = shape;
  const inner = rest.reduce((a, b) => a * b, 1);
  const rows = new Float64Array(data.length * classes);
  data.forEach((v, i) => {
    if (!Number.isInteger(v) || v < 0 || v >= classes)
      throw new ShapeError(`${loss}: the class ${v} of ${classes} classes`);
    rows[(Math.floor(i / inner) * classes + v) * inner + (i % inner)] = 1;
  });
  return { dims: [batch, classes, ...rest], data: rows };
}
