/** How many bits a truncation drops, and from numbers of what size. */
import type { RequestFields } from '../definition/request-fields.js';

/** Bits to drop, and the window l: |x| < 2^(l-2). */
export interface Truncation {
  readonly f: number;
  readonly l: number;
}

/** @throws RangeError unless the window has room for the truncation */
export function checkTruncation({ f, l }: Truncation): void {
  if (!Number.isInteger(f) || f < 1 || f > l - 3)
    throw new RangeError(`cannot truncate by ${f} bits in a window of ${l}`);
}

/** The parameter `truncate`, if there is one: 1 <= f <= l - 3. @throws DealerRequestError */
export function readTruncation(request: RequestFields): { truncate?: Truncation } {
  if (request.fields.truncate === undefined) return {};
  const truncate = request.object('truncate');
  const l = request.whole('l', 4, 64, truncate);
  return { truncate: { f: request.whole('f', 1, l - 3, truncate), l } };
}
