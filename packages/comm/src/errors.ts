/**
 * The errors of the communication layer.
 *
 * Every error has a stable `code` for programs and a message for people that says who, what and what to do.
 */
import { TacitError } from '@tacit/errors';

/**
 * Why a member is gone: it said goodbye, its connection broke, it sent something that no member may send,
 * or the heartbeat got no answer for too long.
 */
export type LeaveReason = 'goodbye' | 'disconnected' | 'violation' | 'unresponsive';

const LEAVE_TEXT: Record<LeaveReason, string> = {
  goodbye: 'it closed its session',
  disconnected: 'its connection broke without a goodbye; look at its own log for the cause',
  violation: 'it broke the protocol',
  unresponsive: 'it answers no heartbeat; the network or the machine is gone',
};

/** A member sent nothing under `key` for `ms` milliseconds. Code `PEER_TIMEOUT`. */
export class PeerTimeoutError extends TacitError {
  constructor(
    readonly rank: number,
    readonly key: string,
    readonly ms: number,
    name = `rank ${rank}`,
  ) {
    super(
      'PEER_TIMEOUT',
      `${name} sent nothing for key ${JSON.stringify(key)} within ${ms} ms. ` +
        'It is stuck, very slow, or runs a different program; raise timeoutMs if it only needs longer.',
    );
  }
}

/** A member left while something was still expected from it. Code `PEER_LEFT`. */
export class PeerLeftError extends TacitError {
  constructor(
    readonly rank: number,
    readonly reason: LeaveReason,
    name = `rank ${rank}`,
    detail = '',
  ) {
    super('PEER_LEFT', `${name} left: ${LEAVE_TEXT[reason]}${detail ? ` (${detail})` : ''}`);
  }
}

/** A member called `abort`. Code `PEER_ABORTED`; the remote error is in the `remote*` fields. */
export class PeerAbortedError extends TacitError {
  constructor(
    readonly rank: number,
    readonly remoteCode: string,
    readonly remoteMessage: string,
    name = `rank ${rank}`,
  ) {
    super('PEER_ABORTED', `${name} aborted the computation: [${remoteCode}] ${remoteMessage}`);
  }
}

/** A member sent what no correct member sends. Code `PROTOCOL_VIOLATION`; `rank` is -1 if not known yet. */
export class ProtocolViolationError extends TacitError {
  constructor(
    readonly detail: string,
    readonly rank = -1,
    name = rank < 0 ? 'a member' : `rank ${rank}`,
  ) {
    super('PROTOCOL_VIOLATION', `${name} broke the protocol: ${detail}`);
  }
}

/** A member sent far ahead of what this one asked for. Code `COMM_MAILBOX_FULL`. */
export class MailboxFullError extends TacitError {
  constructor(
    readonly rank: number,
    readonly entries: number,
    readonly bytes: number,
    name = `rank ${rank}`,
  ) {
    super(
      'COMM_MAILBOX_FULL',
      `the mailbox is full: ${entries} entries of ${bytes} bytes wait to be received, the last from ${name}. ` +
        'Receive them, await flushed() in the sender, or raise maxMailboxEntries / maxMailboxBytes.',
    );
  }
}

/** This communicator or transport was closed here. Code `COMM_CLOSED`. */
export class CommClosedError extends TacitError {
  constructor(message = 'this communicator is closed') {
    super('COMM_CLOSED', message);
  }
}

/** A call of this package with an impossible argument. Code `COMM_BAD_ARGUMENT`. */
export class CommArgumentError extends TacitError {
  constructor(message: string) {
    super('COMM_BAD_ARGUMENT', message);
  }
}

/** A frame that would exceed what one frame may hold. Code `FRAME_TOO_LARGE`. */
export class FrameTooLargeError extends TacitError {
  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super('FRAME_TOO_LARGE', `a frame of ${bytes} bytes exceeds the limit of ${limit}; send it in parts`);
  }
}

/** No connection to a member within the connect timeout. Code `PEER_UNREACHABLE`. */
export class PeerUnreachableError extends TacitError {
  constructor(
    readonly rank: number,
    readonly address: string,
    readonly ms: number,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super('PEER_UNREACHABLE', `rank ${rank} at ${address} is unreachable for ${ms} ms: ${detail}`, options);
  }
}

/** The other side answered, but is not the member it should be, or refuses us. Code `HANDSHAKE_FAILED`. */
export class HandshakeError extends TacitError {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super('HANDSHAKE_FAILED', message);
  }
}
