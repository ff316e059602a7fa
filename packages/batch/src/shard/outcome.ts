/** What an error of a session means for its shard. */
import { SessionRefusedError } from '@tacit/daemon/processes';

/** How it goes on with a shard. */
export type Verdict =
  /** A member was absent, busy or ending: nothing was computed. */
  | 'later'
  /** The number of the attempt was too low: at once, with a higher one. */
  | 'fenced'
  /** The attempt failed, and another one may succeed. */
  | 'again'
  /** Trying again would change nothing. */
  | 'failed'
  /** Something is wrong with this worker and not with the shard. */
  | 'halt';

/** Answers of members that have no place now. */
const BUSY = ['BUSY', 'SESSIONS_AT_ONCE', 'TOO_MANY_PROPOSALS', 'DRAINING', 'INTERNAL'];
/** Nobody has computed. */
const LATER = ['MEMBER_ABSENT', 'CONTROL_LOST', 'CONTROL_TIMEOUT', 'HOME_LOCKED'];
/** The same for every shard of every batch: the disk, the audit log, the files of this organisation. */
const HALT = [
  'AUDIT_LOG',
  'FILE_NOT_WRITABLE',
  'PEERS_FILE',
  'IDENTITY_FILES',
  'IDENTITY_MISSING',
  'FILE_NOT_PRIVATE',
];
/** Of the network, or of another member, in a session that has begun: these come and go. */
const AGAIN =
  /^(PEER_(TIMEOUT|LEFT|ABORTED|UNREACHABLE)|HANDSHAKE_|SESSION_|MEMBER_FAILED|COMM_|RELAY_|PROXY_|PROTOCOL_VIOLATION|DEALER_REQUEST|DRAINING|CONFIG_MISMATCH)/;

/**
 * Judges an error.
 * @param error of a session that was led
 * @param begun whether all members had accepted it
 * @returns how it goes on
 */
export function verdictOn(error: unknown, begun: boolean): Verdict {
  if (error instanceof SessionRefusedError) {
    const { remoteCode } = error;
    return remoteCode === 'FENCED' ? 'fenced' : BUSY.includes(remoteCode) ? 'later' : 'failed';
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (LATER.includes(code)) return 'later';
  if (HALT.includes(code)) return 'halt';
  return begun && AGAIN.test(code) ? 'again' : 'failed';
}

/**
 * How long to wait before a shard is tried again: longer each time, and not all at the same moment.
 * @param attempts that have failed
 * @param random a number from 0 to 1, for tests
 * @returns milliseconds
 */
export const pauseAfter = (attempts: number, random: number): number =>
  Math.min(60_000, 500 * 2 ** Math.max(0, attempts - 1)) * (0.5 + random);
