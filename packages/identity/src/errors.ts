/** What goes wrong with identities, peers and invites. */
import { TacitError } from '@tacit/errors';

/** The identity of this organisation is missing, broken, not private, or exists already. */
export class IdentityError extends TacitError {
  constructor(
    code: 'IDENTITY_MISSING' | 'IDENTITY_EXISTS' | 'IDENTITY_FILES' | 'FILE_NOT_PRIVATE',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A text is not a device id: of another length, with other characters, or with a typing error. */
export class DeviceIdError extends TacitError {
  constructor(message: string) {
    super('DEVICE_ID', message);
  }
}

/** A line of peers.yaml is not what it should be. */
export class PeersFileError extends TacitError {
  constructor(
    /** The file. */
    readonly file: string,
    /** Where in it, from 1. */
    readonly line: number,
    /** Where in the line, from 1. */
    readonly column: number,
    message: string,
  ) {
    super('PEERS_FILE', `${file}:${line}:${column}: ${message}`);
  }
}

/** A peer is not known, or is known already. */
export class PeerError extends TacitError {
  constructor(code: 'PEER_UNKNOWN' | 'PEER_EXISTS', message: string) {
    super(code, message);
  }
}

/** An invite cannot be read, or does not, or no longer, let anybody in. */
export class InviteError extends TacitError {
  constructor(
    code: 'INVITE_FORMAT' | 'INVITE_EXPIRED' | 'INVITE_USED' | 'INVITE_UNKNOWN',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
