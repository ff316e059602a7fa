/** Errors of batches. */
import { TacitError } from '@tacit/errors';

/** A command or function was asked for what it cannot do. Code `BATCH_USAGE`. */
export class BatchUsageError extends TacitError {
  constructor(message: string, options?: ErrorOptions) {
    super('BATCH_USAGE', message, options);
  }
}

/** There is no such batch. Code `BATCH_UNKNOWN`. */
export class BatchUnknownError extends TacitError {
  constructor(id: string, folder: string) {
    super('BATCH_UNKNOWN', `there is no batch '${id}' in ${folder}`);
  }
}

/** A file of a batch is damaged or missing. Code `BATCH_FILES`. */
export class BatchFilesError extends TacitError {
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super('BATCH_FILES', `${path} is not as it was written: ${reason}`, options);
  }
}

/** The program is another one now. Code `BATCH_PROGRAM_CHANGED`. */
export class BatchProgramChangedError extends TacitError {
  constructor(path: string) {
    super(
      'BATCH_PROGRAM_CHANGED',
      `${path} was changed since the batch was submitted; put it back, or submit a new batch`,
    );
  }
}

/** Shards failed for good. Code `BATCH_FAILED`. */
export class BatchFailedError extends TacitError {
  constructor(
    readonly id: string,
    /** How many failed. */
    readonly count: number,
    /** What the first of them says. */
    first: string,
  ) {
    super(
      'BATCH_FAILED',
      `${count === 1 ? 'a shard' : `${count} shards`} of batch ${id} failed: ${first}; 'tacit batch status ${id}' lists them, 'tacit batch resume ${id}' tries again`,
    );
  }
}

/** A program did not return one result a row. Code `SHARD_RESULT`. */
export class ShardResultError extends TacitError {
  constructor(rows: number, reason: string) {
    super(
      'SHARD_RESULT',
      `the program returned at the leader no { shape: [${rows}, …], data }, one result a row: ${reason}`,
    );
  }
}

/** A shard failed too often. Code `SHARD_ATTEMPTS`. */
export class ShardAttemptsError extends TacitError {
  constructor(shard: number, attempts: number, last: Error) {
    super('SHARD_ATTEMPTS', `shard ${shard} failed ${attempts} times; the last time: ${last.message}`, {
      cause: last,
    });
  }
}

/** A process of one shard could not begin in time. Code `SHARD_WAIT`. */
export class ShardWaitError extends TacitError {
  constructor(shard: number, ms: number, last: string) {
    super('SHARD_WAIT', `shard ${shard} could not begin within ${ms / 1000} s: ${last}`);
  }
}

/** The queue does not answer. Code `QUEUE_UNREACHABLE`. */
export class QueueUnreachableError extends TacitError {
  constructor(
    /** Without user and password. */
    readonly address: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      'QUEUE_UNREACHABLE',
      `this organisation's queue at ${address} does not answer (${reason}). Start it, or see whether this machine reaches it; committed shards are safe, and 'tacit batch resume ID' puts back what the queue may have lost`,
      options,
    );
  }
}

/** An address is no queue's. Code `QUEUE_ADDRESS`. */
export class QueueAddressError extends TacitError {
  constructor(reason: string) {
    super(
      'QUEUE_ADDRESS',
      `the address of the queue ${reason}; it is redis://HOST:PORT or postgres://USER@HOST:PORT/DATABASE`,
    );
  }
}

/** A package that only some need is not there. Code `NOT_INSTALLED`. */
export class DriverMissingError extends TacitError {
  constructor(name: string, what: string, options?: ErrorOptions) {
    super('NOT_INSTALLED', `${what} needs the package ${name}: npm install ${name}`, options);
  }
}
