/** Why the pool did not compute something. */
import { HeError } from '@tacit/he';

/** The engine refuses the caller's bytes; `code` and message are the engine's. */
export class EngineRefusalError extends HeError {}

/** No room for another task. Code `QUEUE_FULL`, or `TENANT_QUEUE_FULL` if the caller's own tasks fill its share. */
export class QueueFullError extends HeError {
  constructor(
    readonly share: 'all' | 'tenant',
    readonly waiting: number,
    /** When it is worth trying again, in seconds. */
    readonly retryAfterSeconds: number,
  ) {
    super(
      share === 'all' ? 'QUEUE_FULL' : 'TENANT_QUEUE_FULL',
      `${waiting} tasks ${share === 'all' ? '' : 'of yours '}wait already; try again in ${retryAfterSeconds} s`,
    );
  }
}

/** A task waited longer than the limit. Code `QUEUE_TIMEOUT`. */
export class QueueTimeoutError extends HeError {
  constructor(
    readonly ms: number,
    readonly retryAfterSeconds: number,
  ) {
    super('QUEUE_TIMEOUT', `no worker was free within ${ms} ms; try again in ${retryAfterSeconds} s`);
  }
}

/** A task ran longer than the limit; its worker was stopped. Code `EVALUATION_TIMEOUT`. */
export class EvaluationTimeoutError extends HeError {
  constructor(readonly ms: number) {
    super('EVALUATION_TIMEOUT', `the evaluation took longer than ${ms} ms and was stopped`);
  }
}

/** How a worker was lost. */
export type LossReason = 'crashed' | 'out-of-memory' | 'engine-failed' | 'timeout';

/** The workers that tried a task died over it. Code `WORKER_LOST`. */
export class WorkerLostError extends HeError {
  constructor(
    readonly reason: LossReason,
    detail: string,
  ) {
    super('WORKER_LOST', `the worker of this task was lost (${reason}): ${detail}`);
  }
}

/** The pool was closed before the task ran. Code `POOL_CLOSED`. */
export class PoolClosedError extends HeError {
  constructor() {
    super('POOL_CLOSED', 'the service shuts down; try another instance or later');
  }
}

/** A worker cannot start. Code `WORKER_UNUSABLE`. */
export class WorkerStartError extends HeError {
  constructor(
    /** Index of the artefact that the engine refused, -1 if it was something else. */
    readonly artefact: number,
    readonly engineCode: string,
    detail: string,
  ) {
    super(
      'WORKER_UNUSABLE',
      `${artefact < 0 ? 'a worker cannot start' : `the engine refuses server artefact ${artefact}`}: [${engineCode}] ${detail}`,
    );
  }
}
