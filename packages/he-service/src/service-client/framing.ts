/**
 * Bodies of inference requests and replies: frames, each a length (u32, little-endian, 1 to 2^32 - 2) and as many
 * bytes, one ciphertext envelope a frame.
 *
 * In a reply the length 2^32 - 1 marks the error that ends it: the next four bytes are the length of a JSON text
 * `{ code, message }`. A reply needs that because it has begun when a later image fails. Safe in browsers.
 */
import { FramingError } from './errors.js';

export const FRAME_HEADER_BYTES = 4;
const ERROR_MARK = 0xffffffff;
/** Longest JSON text behind an error mark. */
const ERROR_TEXT_BYTES_MAX = 65_536;

/** Bytes of `frames` in their framing. */
export function framedBytes(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + FRAME_HEADER_BYTES + frame.length, 0);
}

/** All frames in one body. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(framedBytes(frames));
  const view = new DataView(body.buffer);
  let offset = 0;
  for (const frame of frames) {
    if (frame.length === 0) throw new FramingError('empty-frame', 'a ciphertext envelope has no bytes');
    if (frame.length >= ERROR_MARK)
      throw new FramingError('frame-too-large', 'a frame has at most 2^32 - 2 bytes');
    view.setUint32(offset, frame.length, true);
    body.set(frame, offset + FRAME_HEADER_BYTES);
    offset += FRAME_HEADER_BYTES + frame.length;
  }
  return body;
}

/** The error that ends a reply. */
export function encodeErrorFrame(code: string, message: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify({ code, message }));
  const body = new Uint8Array(2 * FRAME_HEADER_BYTES + text.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, ERROR_MARK, true);
  view.setUint32(FRAME_HEADER_BYTES, text.length, true);
  body.set(text, 2 * FRAME_HEADER_BYTES);
  return body;
}

export interface FrameLimits {
  /** Largest frame, in bytes. */
  readonly frameBytes: number;
  readonly frames: number;
}

/** An error that the sender put in the stream, as it came. */
export interface SentError {
  readonly text: string;
}

export type Parsed = Uint8Array<ArrayBuffer> | SentError;

/**
 * Takes frames out of chunks of any size. Lengths are checked before anything is allocated.
 * Throws FramingError.
 */
export class FrameParser {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #frame: Uint8Array<ArrayBuffer> | undefined;
  #frameFilled = 0;
  #inError = false;
  #frames = 0;

  constructor(
    readonly limits: FrameLimits,
    /** Error marks are for replies only. */
    readonly errorsAllowed = false,
  ) {}

  /** The frames that `chunk` completes. */
  push(chunk: Uint8Array): Parsed[] {
    const parsed: Parsed[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (!this.#frame) {
        offset += this.#takeHeader(chunk, offset);
        continue;
      }
      const part = chunk.subarray(offset, offset + this.#frame.length - this.#frameFilled);
      this.#frame.set(part, this.#frameFilled);
      this.#frameFilled += part.length;
      offset += part.length;
      if (this.#frameFilled === this.#frame.length) parsed.push(this.#complete(this.#frame));
    }
    return parsed;
  }

  /** Checks that the body does not end within a frame. */
  end(): void {
    if (this.#frame || this.#headerFilled > 0 || this.#inError)
      throw new FramingError('truncated', `the body ends within frame ${this.#frames}`);
  }

  #takeHeader(chunk: Uint8Array, offset: number): number {
    const part = chunk.subarray(offset, offset + FRAME_HEADER_BYTES - this.#headerFilled);
    this.#header.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    if (this.#headerFilled === FRAME_HEADER_BYTES) {
      this.#headerFilled = 0;
      this.#open(new DataView(this.#header.buffer).getUint32(0, true));
    }
    return part.length;
  }

  #open(bytes: number): void {
    if (bytes === ERROR_MARK && this.errorsAllowed && !this.#inError) {
      this.#inError = true;
      return;
    }
    const { frameBytes, frames } = this.limits;
    const limit = this.#inError ? ERROR_TEXT_BYTES_MAX : frameBytes;
    if (bytes === 0) throw new FramingError('empty-frame', `frame ${this.#frames} has no bytes`);
    if (bytes > limit)
      throw new FramingError(
        'frame-too-large',
        `frame ${this.#frames} has ${bytes} bytes, at most ${limit} are allowed`,
      );
    if (!this.#inError && this.#frames >= frames)
      throw new FramingError('too-many-frames', `more than ${frames} frames`);
    this.#frame = new Uint8Array(bytes);
    this.#frameFilled = 0;
  }

  #complete(frame: Uint8Array<ArrayBuffer>): Parsed {
    this.#frame = undefined;
    if (this.#inError) {
      this.#inError = false;
      return { text: new TextDecoder().decode(frame) };
    }
    this.#frames++;
    return frame;
  }
}
