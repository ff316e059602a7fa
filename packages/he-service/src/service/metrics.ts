/** Metrics of one service, in a registry of its own. Labels are few and known: routes, models, reasons. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60];

/** Numbers that are read when somebody asks for metrics. */
export interface Snapshot {
  readonly queueLength: number;
  readonly workersIdle: number;
  readonly workersBusy: number;
  readonly workersStarting: number;
  readonly bytesInFlight: number;
  readonly keysStored: number;
  readonly keyUploads: number;
  readonly keyBytes: number;
}

export class ServiceMetrics {
  readonly registry = new Registry();
  readonly requests: Counter<'route' | 'method' | 'status'>;
  readonly requestSeconds: Histogram<'route'>;
  readonly evaluateSeconds: Histogram<'model'>;
  readonly queueSeconds: Histogram<'model'>;
  readonly images: Counter<'model'>;
  readonly bytes: Counter<'direction'>;
  readonly keyLoads: Counter<'cache'>;
  readonly workersLost: Counter<'reason'>;

  constructor(snapshot: () => Snapshot) {
    const registers = [this.registry];
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name: `tacit_he_${name}`, help, labelNames, registers });
    const histogram = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Histogram({ name: `tacit_he_${name}`, help, labelNames, registers, buckets: SECONDS });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `tacit_he_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });

    this.requests = counter('requests_total', 'Requests by route and status', ['route', 'method', 'status']);
    this.requestSeconds = histogram('request_seconds', 'Time of requests, bodies included', ['route']);
    this.evaluateSeconds = histogram('evaluate_seconds', 'Evaluation of one image, without keys', ['model']);
    this.queueSeconds = histogram('queue_seconds', 'Wait of one image for a worker', ['model']);
    this.images = counter('images_total', 'Evaluated images', ['model']);
    this.bytes = counter('bytes_total', 'Bytes of bodies', ['direction']);
    this.keyLoads = counter('key_uses_total', 'Evaluations by state of the cache of keys', ['cache']);
    this.workersLost = counter('workers_lost_total', 'Workers that were replaced', ['reason']);
    gauge('queue_length', 'Images that wait for a worker', () => snapshot().queueLength);
    gauge('workers_idle', 'Workers without a task', () => snapshot().workersIdle);
    gauge('workers_busy', 'Workers with a task', () => snapshot().workersBusy);
    gauge('workers_starting', 'Workers that are being replaced', () => snapshot().workersStarting);
    gauge('bytes_in_flight', 'Bytes reserved for requests and replies', () => snapshot().bytesInFlight);
    gauge('keys_stored', 'Stored evaluation keys', () => snapshot().keysStored);
    gauge('key_uploads', 'Unfinished uploads of keys', () => snapshot().keyUploads);
    gauge('key_bytes', 'Bytes of keys and uploads, as declared', () => snapshot().keyBytes);
    gauge('resident_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  }
}
