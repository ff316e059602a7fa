/** The window and the comparison tree of an operation: chosen at the parties, read from requests at the dealer. */
import type { RequestFields } from '../definition/request-fields.js';
import type { Session } from '../runtime/session.js';
import { planTree, type TreeShape, treeFor } from '../trees/tree-plan.js';

/** How numbers are compared. */
export interface ComparisonOptions {
  /** Window l: |x| < 2^(l-1), or as the protocol says. Default the session's. */
  readonly window?: number;
  /** Default: that of the session for this many elements. */
  readonly tree?: TreeShape;
}

/** What a protocol that compares has of it in its parameters. */
export interface Comparison {
  /** Window. */
  readonly l: number;
  readonly tree: TreeShape;
}

/**
 * The window and tree of an operation on n elements.
 * @param bits of the numbers that the tree compares, for a window of l bits; default l - 1
 */
export function comparisonOf(
  { config }: Session,
  n: number,
  { window: l = config.window, tree }: ComparisonOptions,
  bits = (l: number): number => l - 1,
): Comparison {
  return { l, tree: tree ?? treeFor(config.tree, n, bits(l)) };
}

/** The parameter `tree`, for numbers of that many bits. @throws DealerRequestError */
export function readTree(request: RequestFields, bits: number): TreeShape {
  const given = request.object('tree');
  const optional = (name: string) =>
    given[name] === undefined ? {} : { [name]: request.whole(name, 1, 64, given) };
  const tree = { arity: request.wholes('arity', 64, 2, 8, given), ...optional('w'), ...optional('chunks') };
  try {
    planTree(bits, tree);
  } catch (error) {
    request.fail((error as Error).message);
  }
  return tree;
}
