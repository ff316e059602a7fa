/** Text as bytes and back, strict: malformed UTF-8 throws. */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const textBytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const bytesText = (bytes: Uint8Array): string => decoder.decode(bytes);
