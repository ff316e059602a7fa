/**
 * Reading without a new buffer for every record. A TLS connection gives 16 KiB at a time; a stream allocates each of
 * them, and it is as much work for the garbage collector and the stream as decryption. A socket that this process dials
 * can read into one buffer again and again instead (`onread` of `connect`); one that it accepted cannot.
 *
 * Until somebody takes over, and whenever the stream is paused or holds something that came before, bytes go the usual
 * way: what is read is the same, in the same order.
 */
import type { OnReadOpts, Socket } from 'node:net';

/** What TLS decrypts at once. */
const READ_BYTES = 2 ** 14;

export class DirectReads {
  /** For the options of `connect`. */
  readonly onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (bytes, buffer) => this.#onRead(buffer.subarray(0, bytes)),
  };
  #socket: Socket | undefined;
  #take: ((chunk: Uint8Array) => void) | undefined;

  /**
   * The socket that was made with `onread`; at once, before it reads anything.
   * @param socket whose bytes come here
   */
  serve(socket: Socket): void {
    this.#socket = socket;
  }

  /**
   * Takes over what would be emitted as `data`; what was read before still is.
   * @param take gets bytes that are overwritten when it has returned
   */
  divert(take: (chunk: Uint8Array) => void): void {
    this.#take = take;
  }

  /** Returns whether to go on reading. */
  #onRead(chunk: Uint8Array): boolean {
    const socket = this.#socket as Socket;
    if (this.#take === undefined || socket.readableFlowing !== true || socket.readableLength > 0)
      return socket.push(Buffer.from(chunk));
    this.#take(chunk);
    return true;
  }
}
