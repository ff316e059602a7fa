/** Reads the shape of a comparison tree from a request to the dealer. */
import type { RequestFields } from '../definition/request-fields.js';
import { planTree, type TreeShape } from '../trees/tree-plan.js';

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
