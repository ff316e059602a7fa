/** Codes of batches: rows that are scored in shards. */
import type { CodeTable } from './table.js';

export const BATCHES = {
  BATCH_USAGE: {
    meaning: 'A command or function of batches was asked for what it cannot do.',
    remedy: 'See `--help` of the command, or correct the argument that the message names.',
  },
  BATCH_UNKNOWN: {
    meaning: 'There is no batch of that id in the folder of batches.',
    remedy: 'Look at `tacit batch status`; say with `--batches` where the folder is.',
  },
  BATCH_FILES: {
    meaning: 'A file of a batch is damaged or missing.',
    remedy: 'Submit the rows again as a new batch.',
  },
  BATCH_PROGRAM_CHANGED: {
    meaning: 'The program of a batch is not the one that it was submitted with.',
    remedy: 'Put the program back as it was, or submit a new batch.',
  },
  BATCH_FAILED: {
    meaning: 'Shards of a batch failed, for reasons that trying again does not change.',
    remedy:
      '`tacit batch status ID` says which and why. Correct that, then `tacit batch resume ID`; what is done stays done.',
  },
  SHARD_RESULT: {
    meaning: 'A program did not return one result a row at the leader.',
    remedy:
      'Return `{ shape, data }` with as many rows as the shard has, from `revealFloat64({ to: 0 })` for instance.',
  },
  SHARD_ATTEMPTS: {
    meaning: 'A shard failed as often as the leader may try.',
    remedy: 'The message has the last error. Correct that, then `tacit batch resume ID`.',
  },
  SHARD_WAIT: {
    meaning: 'A process of one shard could not begin in time, since a member was absent or busy.',
    remedy: 'Nothing is lost: start it again, as a Kubernetes Job does, or let it wait longer.',
  },
  QUEUE_UNREACHABLE: {
    meaning: 'The queue of this organisation does not answer.',
    remedy:
      'Start the Redis or PostgreSQL that the message names. What was committed stays; if the queue has lost its entries, `tacit batch resume ID` puts the open ones back.',
  },
  QUEUE_ADDRESS: {
    meaning: 'The address of a queue is none that is understood.',
    remedy: 'Give redis://HOST:PORT, rediss://… or postgres://USER@HOST:PORT/DATABASE.',
  },
} as const satisfies CodeTable;
