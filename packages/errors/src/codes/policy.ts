/** Codes of an organisation's own process: configuration, consent, audit, operation. */
import type { CodeTable } from './table.js';

export const POLICY = {
  DAEMON_CONFIG: {
    meaning: 'A setting of a party, dealer or relay is wrong: in its file, the environment or a flag.',
    remedy: 'Correct it at the place that the message names; `tacit config check` looks at all of it.',
  },
  AUDIT_LOG: {
    meaning:
      'The audit log cannot be written or read, or a line of it was changed. No session starts without it.',
    remedy: 'See the system error; `tacit audit verify` names the first line that is not as it was written.',
  },
  USAGE_FILE: {
    meaning: 'What peers have used of their quotas is not known, so that nothing may start.',
    remedy: 'Put usage.json back from a copy; removing it gives every peer its quotas of today again.',
  },
  SHARD_FILE: {
    meaning:
      'What is remembered of a shard of a batch is damaged or cannot be written; the shard is not computed.',
    remedy:
      'Put the file that the message names back from a copy; removing it lets the leader compute the shard again as often as `limits.attemptsPerShard` says.',
  },
  PROGRAM_HASH: {
    meaning: 'A program cannot be hashed: it is not there, or it imports what the hash could not cover.',
    remedy: 'Import files by relative names, and packages by their names, as literals.',
  },
  GUEST_KEY: {
    meaning: 'The file with the key by which guests know a process, `guest.key`, does not hold one.',
    remedy:
      'Restore the file from a backup. Or remove it and issue new invites to services: the old ones name the old key.',
  },
  HOME_LOCKED: {
    meaning: 'Another process has kept a file of the home folder locked for too long.',
    remedy: 'See what the process that the message names is doing; end it if it hangs.',
  },
  OPERATE_PORT: {
    meaning: 'The port of health and metrics cannot be opened.',
    remedy: 'Choose a port that is free with `operate.port`.',
  },
} as const satisfies CodeTable;
