/** Tensors whose gradients are asked for, and those gradients. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { sameShape } from '@tacit/ring';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { Leaf, nodeOf } from './node.js';

/**
 * Makes a leaf of a value, or no longer one.
 * @param value value without history, or a leaf
 * @param wanted whether its gradient is wanted
 * @throws ArgumentError for a result of other tensors that is to require none, and for what is not true or false
 */
export function requireGradient(value: FixedPoint, wanted: boolean): void {
  if (typeof wanted !== 'boolean')
    throw new ArgumentError(`requiresGrad is true or false, not ${String(wanted)}`);
  const node = nodeOf(value);
  if (wanted === (node !== undefined)) return;
  if (wanted) value.history = new Leaf(value.shape);
  else if (node instanceof Leaf) {
    value.history = undefined;
    node.release();
  } else throw new ArgumentError('a result of tensors that require gradients requires one: use detach()');
}

/**
 * The gradient of a leaf.
 * @param value any value
 * @returns its gradient, if there is one yet
 */
export function gradientOf(value: FixedPoint): FixedPoint | undefined {
  const node = nodeOf(value);
  return node instanceof Leaf ? node.gradient : undefined;
}

/**
 * Gives a leaf another gradient, or none; the one before is freed.
 * @param value leaf
 * @param gradient its gradient, which stays its owner's
 * @throws ArgumentError where the value is no leaf
 * @throws ShapeError where the gradient has another shape
 */
export function setGradient(value: FixedPoint, gradient: FixedPoint | undefined): void {
  const node = nodeOf(value);
  if (!(node instanceof Leaf)) {
    if (gradient === undefined) return;
    throw new ArgumentError('only a tensor that requires a gradient, and is no result of others, has one');
  }
  if (gradient && !sameShape(gradient.shape, value.shape))
    throw new ShapeError(`a gradient of the shape [${gradient.shape}] for a tensor [${value.shape}]`);
  const before = node.gradient;
  node.gradient = gradient && value.context.outsideScopes(() => gradient.alias());
  before?.dispose();
}
