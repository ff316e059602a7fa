/** From a request's text to what is dealt for it. */
import { MAX_FRAME_BYTES } from '@tacit/comm';
import type { DealerLimits } from '../definition/dealer-limits.js';
import type { DealerHalf } from '../definition/protocol.js';
import { type Fields, RequestFields, shown } from '../definition/request-fields.js';
import { protocols } from '../protocols/registry.js';
import { DealerRequestError } from '../runtime/errors.js';

const byKind = new Map(protocols.map((protocol) => [protocol.kind, protocol]));

/** A request that makes sense. */
export interface ReadRequest {
  readonly kind: string;
  /** Elements to deal for. */
  readonly n: number;
  readonly half: DealerHalf;
}

/**
 * Reads and checks a descriptor that a party sent.
 * @param chunk elements of a chunk of an elementwise operation
 * @throws DealerRequestError
 */
export function readDescriptor(
  text: string,
  parties: number,
  chunk: number,
  limits: DealerLimits,
): ReadRequest {
  const fields = parsed(text);
  const protocol = typeof fields.kind === 'string' ? byKind.get(fields.kind) : undefined;
  if (!protocol) throw new DealerRequestError(`unknown operation ${shown(fields.kind)}`);
  const request = new RequestFields(fields, parties, limits);
  const half = protocol.read(request);
  const { kind, n } = request;
  const bytes = half.layout.correctionWords(half.elementwise ? Math.min(n, chunk) : n) * 8;
  if (bytes > MAX_FRAME_BYTES - KEY_ROOM) request.fail(`${bytes} bytes of corrections in one message`);
  return { kind, n, half };
}

function parsed(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DealerRequestError('a request is not JSON');
  }
  if (typeof value !== 'object' || value === null)
    throw new DealerRequestError('a request is not a JSON object');
  return value as Fields;
}

/** What a message holds beside its payload, generously. */
const KEY_ROOM = 4096;
