/** @packageDocumentation Batches: rows that are scored in shards, each in a private session, on an existing queue or without one. */
export * from './errors.js';
export { BatchFolder, type ShardFailure } from './folder/batch-folder.js';
export type { Manifest } from './folder/manifest.js';
export { type SubmitOptions, submitBatch } from './folder/submit.js';
export { predictFile } from './location.js';
export { BatchMetrics, type QueueDepth, type ShardOutcomeLabel } from './metrics.js';
export { type Verdict, verdictOn } from './shard/outcome.js';
export { type ShardOutcome, ShardRunner, type ShardRunnerOptions } from './shard/run-shard.js';
export { type WorkOptions, type WorkSummary, work } from './shard/work.js';
export { BullQueue, type BullQueueOptions } from './source/bull-queue.js';
export { InProcessSource } from './source/in-process.js';
export { IndexedJobSource, indexOf } from './source/indexed-job.js';
export type { ShardSource, ShardTask } from './source/shard-source.js';
