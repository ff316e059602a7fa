/** Codes of sessions between organisations: what stands in their way, and how they end. */
import type { CodeTable } from './table.js';

export const SESSIONS = {
  CONTROL_VIOLATION: {
    meaning: 'Another organisation’s process sent what none of this protocol sends.',
    remedy: 'Update both sides to one release; check what stands in between.',
  },
  CONTROL_LOST: {
    meaning: 'The connection to another organisation’s process broke before the session began.',
    remedy: 'Try again; `tacit doctor` looks at the way.',
  },
  CONTROL_TIMEOUT: {
    meaning: 'Another organisation’s process is connected and does not answer.',
    remedy: 'Look at its log; it may be overloaded.',
  },
  CONTROL_VERSION: {
    meaning: 'Two organisations have releases that do not understand each other.',
    remedy: 'Update the older one.',
  },
  SESSION_REFUSED: {
    meaning: 'A member does not take part; the code in brackets says why.',
    remedy: 'Ask its operator: `tacit peers allow` permits programs, `tacit audit` shows what was refused.',
  },
  MEMBER_ABSENT: {
    meaning: 'A member has not appeared in time.',
    remedy: 'Start its process, or wait longer with `--wait`; `tacit doctor` looks at the way.',
  },
  MEMBER_FAILED: {
    meaning: 'A member left the session before all were connected.',
    remedy: 'See the log of that member; the code in brackets says what it was.',
  },
  SESSION_CANCELLED: {
    meaning: 'Somebody who takes part ended the session, e.g. with Ctrl-C.',
    remedy: 'Start it again.',
  },
  SESSION_FENCED: {
    meaning: 'A later attempt at the same shard of a batch has begun, so this one was ended.',
    remedy: 'Nothing: the later one goes on.',
  },
  SESSION_TIME: {
    meaning: 'A session took longer than a member allows.',
    remedy: 'Ask its operator to raise `limits.sessionTime`.',
  },
  QUOTA_USED_UP: {
    meaning: 'What a member lets this peer and program move in a day is used up.',
    remedy: 'Wait until tomorrow (UTC), or ask its operator for more.',
  },
  SESSION_CRASHED: {
    meaning: 'The thread of a session died: it ran out of memory, or the program ended the process.',
    remedy: 'See the log of that member.',
  },
  DRAINING: {
    meaning: 'A member’s process is shutting down and takes no new sessions.',
    remedy: 'Try again when it has been started again.',
  },
  PROGRAM_CHANGED: {
    meaning: 'A program was changed between the agreement on it and its start.',
    remedy: 'Start the session again.',
  },
  PROGRAM_INVALID: {
    meaning: 'A module has no function as its default export.',
    remedy: 'Write `export default async (party, args, context) => …`.',
  },
  DAEMON_USAGE: {
    meaning: 'A command was asked for what it cannot do.',
    remedy: 'See `--help` of the command.',
  },
} as const satisfies CodeTable;
