/** Functions of several tensors. */
import { ShapeError } from '@tacit/errors';
import { isOneHot, type LookupOptions, normalizeAxis } from '@tacit/graph';
import { CrypTensor, call, type Operand } from './cryptensor.js';
import { toPlain } from './plain-input.js';

/**
 * Joins tensors along an axis. No round. At least one is secret; others may be owned or public.
 * @param tensors tensors, at least one of them secret
 * @param axis axis; negative ones count from the back; default 0
 * @returns the joined tensor
 * @throws ShapeError where the tensors do not fit or have no such axis
 * @example cat([x, y], 1);
 */
export function cat(tensors: readonly Operand[], axis = 0): CrypTensor {
  const { context } = secretAmong('cat', tensors);
  const rank = rankOf(tensors[0]);
  return call(context, 'Concat', tensors, { axis: normalizeAxis(axis, rank) }, 'cat');
}

/**
 * Joins tensors of one shape along a new axis. No round.
 * @param tensors tensors, at least one of them secret
 * @param axis place of the new axis in the result; default 0
 * @returns the joined tensor, of one more axis
 * @throws ShapeError where the shapes differ or there is no such axis
 * @example stack([x, y]);
 */
export function stack(tensors: readonly Operand[], axis = 0): CrypTensor {
  const { context } = secretAmong('stack', tensors);
  const at = normalizeAxis(axis, rankOf(tensors[0]) + 1);
  const raised = tensors.map((x) => call(context, 'Unsqueeze', [x], { axes: [at] }, 'stack'));
  const joined = call(context, 'Concat', raised, { axis: at }, 'stack');
  for (const x of raised) x.dispose();
  return joined;
}

/**
 * Products of operands, summed over what the result does not name, as NumPy's `einsum`. One round for each operand after
 * the first that meets a secret.
 * @param equation such as 'bij,bjk->bik'; '...' stands for axes that broadcast; without an arrow the letters that occur once
 * @param tensors operands, at least one of them secret
 * @returns the axes that the equation names behind its arrow
 * @throws ShapeError where the equation cannot be read or does not fit, or no operand is secret
 * @example einsum('ij,kj->ik', x, y);
 */
export function einsum(equation: string, ...tensors: readonly Operand[]): CrypTensor {
  const { context } = secretAmong('einsum', tensors);
  return call(context, 'Einsum', tensors, { equation }, 'einsum');
}

/**
 * Where the condition (zeros and ones, or truth values) holds: x, else y. The round of a product.
 * @param condition zeros and ones, secret or public, or truth values
 * @param x values where it holds
 * @param y values where it does not
 * @returns the broadcast shape
 * @throws ShapeError where the shapes do not fit, or no operand is secret
 * @example where(x.gt(0), x, 0);
 */
export function where(condition: Operand | readonly boolean[], x: Operand, y: Operand): CrypTensor {
  const chosen = isTruth(condition) ? condition.map(Number) : (condition as Operand);
  const { context } = secretAmong('where', [chosen, x, y]);
  return call(context, 'Where', [chosen, x, y], {}, 'where');
}

/**
 * Rows of a table of any kind at private places, as the method `lookup` of secret tables: of one that its owner keeps
 * (an embedding) or of a public one, which costs no more than the one-hot rows.
 * @param table secret, owned or public tensor of one axis or more
 * @param index indices of any shape, or one-hot rows
 * @param options `oneHot`: whether they are one-hot rows; by default where their last axis is as long as the table's first
 * @returns the shape of the indices (of the one-hot rows without their last axis), and that of a row
 * @throws ShapeError where shapes do not fit, or no operand is secret
 * @throws ArgumentError for options that do not exist
 * @example lookup(party.owned(embedding, { src: 0, shape: [100, 8] }), ids);
 */
export function lookup(table: Operand, index: Operand, options?: LookupOptions): CrypTensor {
  const { context } = secretAmong('lookup', [table, index]);
  const oneHot = isOneHot(shapeOf(table), shapeOf(index), options);
  return call(context, 'Lookup', [table, index], { oneHot }, 'lookup');
}

const isTruth = (x: unknown): x is readonly boolean[] =>
  Array.isArray(x) && x.length > 0 && x.every((v) => typeof v === 'boolean');

function secretAmong(what: string, tensors: readonly Operand[]): CrypTensor {
  if (tensors.length === 0) throw new ShapeError(`${what} takes at least one tensor`);
  const secret = tensors.find((x) => x instanceof CrypTensor);
  if (!secret) throw new ShapeError(`${what}: none of the operands is a CrypTensor`);
  return secret as CrypTensor;
}

const shapeOf = (x: Operand): readonly number[] =>
  'shape' in Object(x) ? (x as CrypTensor).shape : toPlain(x as never).shape;

const rankOf = (x: Operand): number => shapeOf(x).length;
