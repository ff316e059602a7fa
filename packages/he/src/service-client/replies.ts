/** Reading replies of the service, which are checked like everything that comes from outside. Safe in browsers. */
import { HeHttpError, HeReplyError } from './errors.js';
import { type FrameLimits, FrameParser } from './framing.js';

function errorParts(text: string): { code: string; message: string } | undefined {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || !('code' in body) || !('message' in body))
      return undefined;
    return { code: String(body.code), message: String(body.message) };
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
  const text = await response.text().catch(() => '');
  const parts = errorParts(text) ?? { code: `HTTP_${response.status}`, message: text.slice(0, 500) };
  const after = retryAfterMs(response.headers.get('retry-after'));
  return new HeHttpError(response.status, parts.code, parts.message || response.statusText, after);
}

/** Groups of ciphertexts of a streamed reply, as they arrive. */
export async function* readGroups(
  response: Response,
  expectedGroups: number,
  limits: FrameLimits,
): AsyncGenerator<Uint8Array[], void, undefined> {
  const perGroup = Number(response.headers.get('x-frames-per-image'));
  if (!Number.isInteger(perGroup) || perGroup < 1 || perGroup > limits.frames)
    throw new HeReplyError('the reply does not say how many frames an image has');
  if (!response.body) throw new HeReplyError('the reply has no body');
  const parser = new FrameParser({ ...limits, frames: perGroup * expectedGroups }, true);
  const reader = response.body.getReader();
  let group: Uint8Array[] = [];
  let groups = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const frame of parser.push(value)) {
        if (!(frame instanceof Uint8Array)) throw sentError(frame.text, response.status);
        group.push(frame);
        if (group.length < perGroup) continue;
        groups++;
        yield group;
        group = [];
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
