/** Messages between the last party and the dealer: operation descriptors out, corrections back, bytes used out. */
import { ProtocolViolationError } from '@tacit/comm';
import { MAX_ID } from '../definition/request-fields.js';
import { DealerRequestError } from '../runtime/errors.js';
import type { OpId } from '../runtime/prg.js';
import { bytesText, textBytes } from '../runtime/utf8.js';

// Keys of operations begin with a letter or digit, and these are taken by prefix: hence the sign in front.

/** Key of a request: the payload is "scope index descriptor", the scope "-" for the main program. */
export const REQUEST = '#d';
/** Prefix of a correction's key. */
export const CORRECTION = 'c/';
/** Key of a report of used bytes. */
export const ACK = '#a';
/** Key of a used correction's buffer on its way back, where buffers change hands without a copy. */
export const RECYCLE = '#r';
/** Used bytes are reported in steps of this: small enough to keep the dealer busy, large enough not to matter. */
export const REPORT_BYTES = 1 << 20;

export const encodeRequest = (id: OpId, text: string): Uint8Array =>
  textBytes(`${id.scope || '-'} ${id.index} ${text}`);

/** Descriptors are short; views through which a masked tensor went make the longest. */
const MAX_REQUEST_BYTES = 2 ** 18;

/** @throws DealerRequestError where the message is malformed */
export function decodeRequest(payload: Uint8Array): { id: OpId; text: string } {
  const match = /^(-|[0-9a-f]{32}) (\d{1,10}) (\{.*\})$/s.exec(readable(payload));
  if (!match) throw new DealerRequestError('an unreadable request');
  const [scope, index] = [match[1] === '-' ? '' : match[1], Number(match[2])];
  if (index > MAX_ID) throw new DealerRequestError(`no operation has number ${index}`);
  return { id: { scope, index }, text: match[3] };
}

function readable(payload: Uint8Array): string {
  if (payload.length > MAX_REQUEST_BYTES)
    throw new DealerRequestError(`a request of ${payload.length} bytes; the limit is ${MAX_REQUEST_BYTES}`);
  try {
    return bytesText(payload);
  } catch {
    return '';
  }
}

export const encodeAck = (bytes: number): Uint8Array => textBytes(String(bytes));

export function decodeAck(payload: Uint8Array): number {
  const text = readable(payload);
  const bytes = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw new ProtocolViolationError('the dealer got an unreadable report');
  return bytes;
}
