/** Messages between the last party and the dealer: operation descriptors out, corrections back, bytes used out. */
import { ProtocolViolationError } from '@tacit/comm';
import type { OpId } from '../runtime/prg.js';
import { bytesText, textBytes } from '../runtime/text.js';

// Keys of operations begin with a letter or digit, and these are taken by prefix: hence the sign in front.

/** Key of a request: the payload is "scope index descriptor". */
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
  textBytes(`${id.scope} ${id.index} ${text}`);

export function decodeRequest(payload: Uint8Array): { id: OpId; text: string } {
  const line = bytesText(payload);
  const match = /^(\d{1,10}) (\d{1,10}) (\{.*\})$/s.exec(line);
  if (!match) throw new ProtocolViolationError('the dealer got an unreadable request');
  return { id: { scope: Number(match[1]), index: Number(match[2]) }, text: match[3] };
}

export const encodeAck = (bytes: number): Uint8Array => textBytes(String(bytes));

export function decodeAck(payload: Uint8Array): number {
  const bytes = Number(bytesText(payload));
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new ProtocolViolationError('the dealer got an unreadable report');
  return bytes;
}
