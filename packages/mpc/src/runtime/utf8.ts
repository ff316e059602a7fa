/** Text as bytes and back, strict: malformed UTF-8 throws. */
import { ProtocolViolationError } from '@tacit/comm';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const textBytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const bytesText = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Text that member `from` sent. @throws ProtocolViolationError where it is not UTF-8 */
export function textFrom(from: number, bytes: Uint8Array): string {
  try {
    return bytesText(bytes);
  } catch {
    throw new ProtocolViolationError('it sent malformed text', from);
  }
}
