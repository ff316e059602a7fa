/**
 * A channel: whole messages in order between two ends, then one end. The lowest layer; a WebSocket, a message port, and
 * the layers above (a secure channel, a resumable link) all look like this. `channelCompliance` of `@tacit/compliance`
 * is the contract in detail.
 */
import type { LeaveReason } from '../errors.js';

/** What arrives: text for handshakes and control, a buffer of its own for everything else. */
export type ChannelMessage = string | ArrayBuffer;

/** How a channel ended. */
export interface ChannelEnd {
  readonly reason: LeaveReason;
  /** The close code of the WebSocket protocol, 1006 if there was none. */
  readonly code: number;
  readonly detail: string;
}

/** Where the bytes of a message go. */
export interface Place {
  /** As long as the message. Nothing is written to it once the listener has changed or the channel has ended. */
  readonly target: Uint8Array<ArrayBuffer>;
  /** The message is complete: called instead of `onMessage`. */
  done(): void;
}

export interface ChannelListener {
  /** A binary message is the listener's: nobody else reads or writes its memory. */
  onMessage(message: ChannelMessage): void;
  /**
   * A binary message of so many bytes begins to come in. A channel need not ask; one that does spares a copy.
   * @param bytes its length
   * @returns where it is wanted, or undefined for a buffer of its own and `onMessage`
   */
  place?(bytes: number): Place | undefined;
  /** Called once, after the last message. */
  onEnd(end: ChannelEnd): void;
}

/**
 * Derives bytes that the two ends of one TLS connection have in common, and nobody else has (RFC 8446, section 7.5).
 * @param label what they are for, `EXPORTER-…`
 * @param length how many
 */
export type ExportKey = (label: string, length: number) => Uint8Array;

/** What TLS 1.3 with certificates at both ends has proved about a channel. */
export interface ChannelBinding {
  /** Of the certificate whose key the peer has: SHA-256 of its DER, 64 hexadecimal digits in lower case. */
  readonly peerFingerprint: string;
  readonly exportKey: ExportKey;
}

export interface Channel {
  /** How it ended, if it has. */
  readonly ended: ChannelEnd | undefined;
  /** Who is at the other end, where TLS has proved it by certificates that both ends showed. */
  readonly binding?: ChannelBinding | undefined;
  /** That of the TLS connection below, also where the peer showed no certificate. */
  readonly exportKey?: ExportKey | undefined;
  /**
   * Queues a message; nothing happens after the end.
   * @param message whose bytes must not change afterwards
   */
  send(message: string | Uint8Array<ArrayBuffer>): void;
  /**
   * Pushes all messages from now on to `listener` instead of the one before, first those that wait. Without a listener
   * messages wait, so that none is lost between two layers that listen one after the other.
   * @param listener undefined for none
   */
  listen(listener: ChannelListener | undefined): void;
  /** How many bytes are queued here and not yet on their way. */
  bufferedBytes(): number;
  /**
   * Ends in order: what is queued is sent before. The other end sees code and reason.
   * @param code a close code of the WebSocket protocol: 1000, or from 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   */
  close(code: number, reason: string): void;
  /** Ends at once; the other end sees a broken connection. */
  destroy(): void;
  /**
   * Whether it has no connection at present and waits for another one, so that what was sent, and a close, are not on their
   * way. It ends by a clock of its own.
   */
  readonly interrupted?: boolean;
  /** How many bytes have come in by the connection below, parts of messages included, where that is known. */
  bytesRead?(): number;
  /**
   * Ends the channel soon unless the other end gives a sign of life: somebody else says to be it.
   * @param ms how long it may take
   */
  challenge?(ms: number): void;
  /**
   * Takes no more from the connection, so that the other end has to wait, until `resume`. What has come in already is
   * delivered still; the other end goes on to see that this one is alive. `close` ends the pause.
   */
  pause?(): void;
  /** Goes on after `pause`. */
  resume?(): void;
  /** The peer has proved who it is: limits on unauthenticated peers end here. */
  authenticated?(): void;
}

/** The close code and reason of a goodbye. */
export const GOODBYE_CODE = 1000;
export const GOODBYE_REASON = 'goodbye';
/** The close code for a peer that sent what no member sends. */
export const VIOLATION_CODE = 4002;

/**
 * What the close of a channel says.
 * @param code the close code of the WebSocket protocol
 * @param reason the text with it
 * @returns `goodbye` if code and text are those of a goodbye, else `disconnected`, with both in the detail
 */
export function endOf(code: number, reason: string): ChannelEnd {
  if (code === GOODBYE_CODE && reason === GOODBYE_REASON) return { reason: 'goodbye', code, detail: '' };
  return { reason: 'disconnected', code, detail: `close code ${code}${reason ? `: ${reason}` : ''}` };
}
