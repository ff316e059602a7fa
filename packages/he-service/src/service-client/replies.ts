/** Reading replies of the service, which are checked like everything that comes from outside. Safe in browsers. */

import * as v from 'valibot';
import { HeHttpError, HeReplyError } from './errors.js';
import { type FrameLimits, FrameParser } from './framing.js';
import { errorInfo, printable } from './schemas.js';

/** Longest text of an error that is read, and longest message that is shown. */
const ERROR_BYTES_MOST = 65_536;
const MESSAGE_MOST = 2000;

/** A whole body. @throws HeReplyError if it has more than `most` bytes, of which nothing is kept then */
export async function readAll(response: Response, most: number): Promise<Uint8Array> {
  const tooLong = () => new HeReplyError(`the reply has more than ${most} bytes`);
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    if (Number(response.headers.get('content-length') ?? 0) > most) throw tooLong();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length;
      if (bytes > most) throw tooLong();
      parts.push(next.value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function errorParts(text: string): { code: string; message: string } | undefined {
  try {
    const { code, message } = v.parse(errorInfo, JSON.parse(text));
    return { code, message: printable(message, MESSAGE_MOST) };
  } catch {
    return undefined;
  }
}

/** Retry-After in milliseconds: seconds or a date. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The error that a reply other than 2xx stands for. */
export async function errorOf(response: Response): Promise<HeHttpError> {
  const text = await readAll(response, ERROR_BYTES_MOST).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => '',
  );
  const parts = errorParts(text) ?? { code: `HTTP_${response.status}`, message: printable(text, 500) };
  const after = retryAfterMs(response.headers.get('retry-after'));
  return new HeHttpError(
    response.status,
    parts.code,
    parts.message || printable(response.statusText, 500),
    after,
  );
}

export interface ReplyLimits extends FrameLimits {
  /** Bytes of all frames of one group. */
  readonly groupBytes: number;
}

/** Groups of ciphertexts of a streamed reply, as they arrive. */
export async function* readGroups(
  response: Response,
  expectedGroups: number,
  limits: ReplyLimits,
): AsyncGenerator<Uint8Array[], void, undefined> {
  const perGroup = Number(response.headers.get('x-frames-per-image'));
  if (!Number.isInteger(perGroup) || perGroup < 1 || perGroup > limits.frames)
    throw new HeReplyError('the reply does not say how many frames an image has');
  if (!response.body) throw new HeReplyError('the reply has no body');
  const parser = new FrameParser({ ...limits, frames: perGroup * expectedGroups }, true);
  const reader = response.body.getReader();
  let group: Uint8Array[] = [];
  let bytes = 0;
  let groups = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const frame of parser.push(value)) {
        if (!(frame instanceof Uint8Array)) throw sentError(frame.text, response.status);
        group.push(frame);
        bytes += frame.length;
        if (bytes > limits.groupBytes)
          throw new HeReplyError(`a result has more than ${limits.groupBytes} bytes`);
        if (group.length < perGroup) continue;
        groups++;
        yield group;
        group = [];
        bytes = 0;
      }
    }
    parser.end();
    if (groups !== expectedGroups)
      throw new HeReplyError(`the reply ends after ${groups} of ${expectedGroups} images`);
  } finally {
    // Where the reader of this generator stops early, the service need not send the rest.
    await reader.cancel().catch(() => {});
  }
}

function sentError(text: string, status: number): Error {
  const parts = errorParts(text);
  if (!parts) return new HeReplyError('the service broke off and does not say why');
  return new HeHttpError(status, parts.code, parts.message);
}
