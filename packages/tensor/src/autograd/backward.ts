/**
 * Reverse-mode differentiation (Griewank, Walther: "Evaluating Derivatives", chapter 3): from a result back through the
 * operations that led to it, last ones first. Each operation gives the cotangents of its inputs by its own definition, in
 * terms of operations on secrets, which reuse what the forward pass has opened. Operations whose gradients do not depend
 * on each other share rounds. What has been passed is freed at once.
 */
import { ShapeError, TacitError } from '@tacit/errors';
import { apply, type Backend, cotangents } from '@tacit/graph';
import { sameShape } from '@tacit/ring';
import type { ScopedContext } from '../backend.js';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { isSecret, type PrivateValue, secretOf } from '../private-value.js';
import { type GradientNode, Leaf, nodeOf } from './node.js';

/** No gradient can flow from here. Code `NO_GRADIENT`. */
export class GradientError extends TacitError {
  constructor(message: string) {
    super('NO_GRADIENT', message);
  }
}

/** What backward computes with. */
export interface Differentiated extends ScopedContext {
  /** Computes without noting anything. */
  readonly unrecorded: Backend<PrivateValue>;
}

/**
 * Adds the gradient of a value to every leaf that it depends on.
 * @param context what the tensors of one party share
 * @param value the result, of one element where no cotangent is given
 * @param given its cotangent; by default 1
 * @throws GradientError where the value depends on nothing that wants a gradient, or backward has passed here before
 * @throws ShapeError where the cotangent has another shape, or is missing for several elements
 */
export function backward(context: Differentiated, value: FixedPoint, given?: PrivateValue): void {
  const root = nodeOf(value);
  if (!root)
    throw new GradientError(
      'nothing that this tensor was computed from requires a gradient: set requiresGrad of the parameters, ' +
        'or leave out noGrad and detach',
    );
  const start = given ?? ones(value);
  if (!sameShape(start.shape, value.shape))
    throw new ShapeError(`backward: a gradient of the shape [${start.shape}] for a tensor [${value.shape}]`);
  const nodes = passed(root);
  // A node that is spent lets go of those before it, whose turn comes later.
  for (const node of nodes) node.hold();
  context.outsideScopes(() => {
    const flowing = new Map<GradientNode, PrivateValue>([[root, own(start)]]);
    for (const node of nodes) {
      const dy = flowing.get(node);
      flowing.delete(node);
      if (node instanceof Leaf) {
        if (dy) node.gradient = secretOf(context, node.gradient ? sum(context, node.gradient, dy) : dy);
        node.release();
        continue;
      }
      const { recorded, operands } = node;
      if (dy && recorded) {
        const needed = operands.map((operand) => operand !== undefined);
        const found = context.scope(() => {
          const made = cotangents(context.unrecorded, recorded, [dy], needed);
          return made.map((dx) => dx && own(dx));
        }, all);
        found.forEach((dx, i) => {
          const operand = operands[i];
          if (!dx || !operand) return;
          const before = flowing.get(operand);
          flowing.set(operand, before ? sum(context, before, dx) : dx);
        });
        if (isSecret(dy)) dy.dispose();
      }
      node.spend();
      node.release();
    }
  });
}

const all = (values: readonly unknown[]): readonly unknown[] => values;

/** A handle of its own. */
const own = (x: PrivateValue): PrivateValue => (isSecret(x) ? x.alias() : x);

function ones(value: FixedPoint): PrivateValue {
  if (value.size !== 1)
    throw new ShapeError(
      `backward: a tensor [${value.shape}] of ${value.size} elements needs a gradient of its shape; without one, ` +
        'reduce it by sum() or mean() first',
    );
  return { shape: value.shape, data: Float64Array.of(1) };
}

/** Both added up, and freed. */
function sum(context: Differentiated, x: PrivateValue, y: PrivateValue): PrivateValue {
  const [made] = apply(context.unrecorded, 'Add', [x, y], {});
  for (const part of [x, y]) if (isSecret(part)) part.dispose();
  return made;
}

/** Every node that leads to this one, last made first. */
function passed(root: GradientNode): readonly GradientNode[] {
  const found = new Set<GradientNode>([root]);
  for (const node of found) {
    if (node instanceof Leaf) continue;
    if (!node.recorded)
      throw new GradientError(
        'backward has passed here before, and what it needed is freed: compute the tensor again',
      );
    for (const operand of node.operands) if (operand) found.add(operand);
  }
  return [...found].sort((a, b) => b.number - a.number);
}
