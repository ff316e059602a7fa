/** Tensors whose gradients are asked for, and those gradients. */
import { ArgumentError } from '@tacit/errors';
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
 * Frees the gradient of a leaf.
 * @param value any value
 * @param none undefined
 * @throws ArgumentError for anything else
 */
export function clearGradient(value: FixedPoint, none: undefined): void {
  if (none !== undefined && none !== null)
    throw new ArgumentError('grad can only be set to undefined; backward() takes a gradient to start from');
  const node = nodeOf(value);
  if (!(node instanceof Leaf)) return;
  node.gradient?.dispose();
  node.gradient = undefined;
}
