/** The pure JavaScript build of bigint-buffer, for which the package has no types of its own. */
declare module 'bigint-buffer/dist/browser.js' {
  /** The number that big-endian bytes are. It only asks them for their text in hexadecimal digits. */
  export function toBigIntBE(bytes: { toString(encoding: 'hex'): string }): bigint;
  /** `width` little-endian bytes of a number that is not negative. It makes them by the global Buffer. */
  export function toBufferLE(value: bigint, width: number): Uint8Array;
}
