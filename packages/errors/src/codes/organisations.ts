/** Codes of what is between organisations: identities, peers, invites. */
import type { CodeTable } from './table.js';

export const ORGANISATIONS = {
  IDENTITY_MISSING: {
    meaning: 'This organisation has no identity yet, or not where it was looked for.',
    remedy: 'Make one with `tacit identity --name NAME`, or say where it is with `--home` or TACIT_HOME.',
  },
  IDENTITY_EXISTS: {
    meaning: 'There is an identity already, and it is not replaced.',
    remedy: '`tacit identity` shows it; `tacit identity --renew` makes the next one and keeps the old one.',
  },
  IDENTITY_FILES: {
    meaning: 'The files of an identity are broken, or do not belong together.',
    remedy: 'Restore both from a backup, or make a new identity and tell your peers its device id.',
  },
  FILE_NOT_PRIVATE: {
    meaning: 'Others can read a secret file, or change a file that decides who is let in.',
    remedy:
      'Take the permissions away as the message says; renew an identity whose key others may have read.',
  },
  DEVICE_ID: {
    meaning: 'A text is not a device id, or has a typing error in the group that is named.',
    remedy: 'Copy the device id again from `tacit identity` of the other organisation.',
  },
  PEERS_FILE: {
    meaning: 'peers.yaml is not correct; nobody is let in until it is.',
    remedy: 'Correct the line and the entry that the message names.',
  },
  PEER_UNKNOWN: {
    meaning: 'There is no peer of that name.',
    remedy: '`tacit peers list` shows those that there are.',
  },
  PEER_EXISTS: {
    meaning: 'A name or a device id is that of a peer already.',
    remedy:
      'Choose another name, change the peer with `tacit peers`, or replace it by an invite with `--replace`.',
  },
  INVITE_FORMAT: {
    meaning: 'A text is not an invite, was cut off, or was damaged on its way.',
    remedy: 'Copy the whole line, from `tacit:1:` to its end.',
  },
  INVITE_EXPIRED: {
    meaning: 'The time in which an invite could be used is over, by the clock of whoever made it.',
    remedy: 'Ask for a new one.',
  },
  INVITE_USED: {
    meaning: 'An invite was used already. If that was not you, somebody else saw it.',
    remedy: 'Tell whoever made it, who removes the peer that came instead of you, and makes a new one.',
  },
  INVITE_UNKNOWN: {
    meaning: 'There is no such invite: it was withdrawn, expired long ago, or was made elsewhere.',
    remedy: 'Ask for a new one.',
  },
} as const satisfies CodeTable;
