/** All operations that need a dealer. Adding one: its file in protocols/, and one line here. */

import { argLevelDealer } from '../protocols/arg-max.js';
import { compareDealer } from '../protocols/compare.js';
import { equalDealer } from '../protocols/equal.js';
import { linearDealer } from '../protocols/linear.js';
import { multiplyDealer } from '../protocols/multiply.js';
import { ownedLinearDealer } from '../protocols/owned-linear.js';
import { reluDealer } from '../protocols/relu.js';
import { splineDealer } from '../protocols/spline.js';
import { squareDealer } from '../protocols/square.js';
import { truncateDealer } from '../protocols/truncate.js';
import { truncateExactDealer } from '../protocols/truncate-exact.js';
import type { ProtocolConfig } from '../runtime/config.js';
import { DealerRequestError } from '../runtime/errors.js';
import type { Layout } from '../runtime/layout.js';
import type { Descriptor } from '../runtime/transcript.js';
import type { AnyDealerHalf, DealerHalf } from './half.js';

const halves: readonly AnyDealerHalf[] = [
  multiplyDealer,
  squareDealer,
  linearDealer,
  ownedLinearDealer,
  truncateDealer,
  truncateExactDealer,
  compareDealer,
  equalDealer,
  reluDealer,
  splineDealer,
  argLevelDealer,
];

const byKind = new Map<string, DealerHalf>(halves.map((h) => [h.kind, h as DealerHalf]));

/** Finds the dealer half for a descriptor's text. Throws DealerRequestError if there is none. */
export function dealerHalf(
  text: string,
  config: ProtocolConfig,
): { descriptor: Descriptor; half: DealerHalf; layout: Layout } {
  let descriptor: Descriptor;
  try {
    descriptor = JSON.parse(text);
  } catch {
    throw new DealerRequestError('a request is not JSON');
  }
  const half = byKind.get(descriptor.kind);
  if (!half) throw new DealerRequestError(`unknown operation '${descriptor.kind}'`);
  if (!Number.isSafeInteger(descriptor.n) || descriptor.n < 0)
    throw new DealerRequestError(`'${descriptor.kind}' has a size of ${descriptor.n}`);
  return { descriptor, half, layout: half.layout(descriptor, config) };
}
