/** Worker threads that run engines: queue, limits, replacement. Node.js only. */
export * from './errors.js';
export type { CheckKeysTask, EvaluateTask, KeySource, Task, TaskResult, WorkerSetup } from './messages.js';
export type { WorkerLimits } from './pool-worker.js';
export {
  type PoolEvents,
  type PoolLimits,
  type PoolOptions,
  type Submission,
  WorkerPool,
} from './worker-pool.js';
