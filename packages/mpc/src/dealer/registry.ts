/** All operations that need a dealer. Adding one: its file in protocols/, and one line here. */

import { MAX_FRAME_BYTES } from '@tacit/comm';
import { andBitsDealer } from '../protocols/and-bits.js';
import { argLevelDealer } from '../protocols/arg-max.js';
import { compareDealer } from '../protocols/compare.js';
import { equalDealer } from '../protocols/equal.js';
import { fromBitsDealer } from '../protocols/from-bits.js';
import { linearDealer } from '../protocols/linear.js';
import { multiplyDealer } from '../protocols/multiply.js';
import { ownedLinearDealer } from '../protocols/owned-linear.js';
import { reluDealer } from '../protocols/relu.js';
import { sinesDealer } from '../protocols/sine-sum.js';
import { splineDealer } from '../protocols/spline.js';
import { squareDealer } from '../protocols/square.js';
import { toBitsDealer } from '../protocols/to-bits.js';
import { truncateDealer } from '../protocols/truncate.js';
import { truncateExactDealer } from '../protocols/truncate-exact.js';
import type { ProtocolConfig } from '../runtime/config.js';
import { DealerRequestError } from '../runtime/errors.js';
import type { Layout } from '../runtime/layout.js';
import type { Descriptor } from '../runtime/transcript.js';
import type { AnyDealerHalf, DealerHalf } from './half.js';
import type { DealerLimits } from './limits.js';
import { type Fields, RequestFields, shown } from './request-fields.js';

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
  sinesDealer,
  argLevelDealer,
  andBitsDealer,
  toBitsDealer,
  fromBitsDealer,
];

const byKind = new Map<string, DealerHalf>(halves.map((h) => [h.kind, h as DealerHalf]));

/** What the dealer needs to deal for one request. */
export interface ReadRequest {
  readonly descriptor: Descriptor;
  readonly half: DealerHalf;
  readonly layout: Layout;
}

/** Reads and checks a descriptor that a party sent. Throws DealerRequestError. */
export function readDescriptor(
  text: string,
  parties: number,
  config: ProtocolConfig,
  limits: DealerLimits,
): ReadRequest {
  const fields = parsed(text);
  const { kind } = fields;
  const half = typeof kind === 'string' ? byKind.get(kind) : undefined;
  if (!half) throw new DealerRequestError(`unknown operation ${shown(kind)}`);
  const request = new RequestFields(fields, parties, limits);
  half.check(request);
  // Checked above: it has the fields of its kind.
  const descriptor = fields as unknown as Descriptor;
  const layout = half.layout(descriptor, config, parties);
  const together = half.elementwise ? Math.min(request.n, config.chunk) : request.n;
  const bytes = layout.correctionWords(together) * 8;
  if (bytes > MAX_FRAME_BYTES - KEY_ROOM) request.fail(`${bytes} bytes of corrections in one message`);
  return { descriptor, half, layout };
}

function parsed(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DealerRequestError('a request is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new DealerRequestError('a request is no object');
  return value as Fields;
}

/** What a message holds beside its payload, generously. */
const KEY_ROOM = 4096;
