/** Metrics of a worker, in a registry of its own, for Prometheus and what scales by it. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** How runs of shards end. */
export const SHARD_OUTCOMES = ['committed', 'later', 'again', 'failed', 'halt', 'returned'] as const;
/** A label of `tacit_batch_runs_total`. */
export type ShardOutcomeLabel = (typeof SHARD_OUTCOMES)[number];

/** How many entries a queue has. */
export interface QueueDepth {
  /** That nobody has taken. */
  readonly waiting: number;
  /** That come later. */
  readonly delayed: number;
  /** That workers have. */
  readonly active: number;
  readonly failed: number;
}

const SECONDS = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800];

/** What a worker counts. */
export class BatchMetrics {
  readonly registry = new Registry();
  readonly #runs: Counter<'outcome'>;
  readonly #seconds: Histogram;
  #running = 0;

  /**
   * Begins to count.
   * @param sessions shards that this worker runs at a time
   * @param depth asks the queue, if there is one
   */
  constructor(sessions: number, depth?: () => Promise<QueueDepth>) {
    const registers = [this.registry];
    this.#runs = new Counter({
      name: 'tacit_batch_runs_total',
      help: 'Runs of shards that ended, by outcome',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of SHARD_OUTCOMES) this.#runs.inc({ outcome }, 0);
    this.#seconds = new Histogram({
      name: 'tacit_batch_shard_seconds',
      help: 'Duration of runs that committed a shard',
      buckets: SECONDS,
      registers,
    });
    const read = (): number => this.#running;
    new Gauge({
      name: 'tacit_batch_sessions_running',
      help: 'Shards that this worker runs',
      registers,
      collect() {
        this.set(read());
      },
    });
    new Gauge({
      name: 'tacit_batch_sessions_most',
      help: 'Shards that this worker may run at the same time',
      registers,
    }).set(sessions);
    if (depth) queueGauge(registers, depth);
  }

  /**
   * A run begins.
   * @returns call it when it has ended, with how
   */
  begins(): (outcome: ShardOutcomeLabel) => void {
    const began = performance.now();
    this.#running++;
    return (outcome) => {
      this.#running--;
      this.#runs.inc({ outcome });
      if (outcome === 'committed') this.#seconds.observe((performance.now() - began) / 1000);
    };
  }

  /**
   * All metrics.
   * @returns in the text format of Prometheus
   */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** Of the whole queue, the same at every worker. Nothing is told of a queue that does not answer. */
function queueGauge(registers: Registry[], depth: () => Promise<QueueDepth>): void {
  new Gauge({
    name: 'tacit_batch_queue_shards',
    help: 'Shards in the queue, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const found = await depth().catch(() => undefined);
      for (const [state, count] of Object.entries(found ?? {})) this.set({ state }, count as number);
    },
  });
}
