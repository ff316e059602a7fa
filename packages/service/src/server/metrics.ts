/** What a service counts besides what every daemon does. Labels are from closed lists: models are the owner's own names. */
import type { DaemonMetrics } from '@tacit/daemon';
import { Counter, Gauge } from 'prom-client';

/** Codes of refusals, so that none that a client made up becomes a label. */
const CODES = [
  'INVITE_UNKNOWN',
  'INVITE_EXPIRED',
  'INVITE_USED',
  'QUOTA_USED_UP',
  'BUSY',
  'DRAINING',
  'DEALER_ABSENT',
  'DEALER_REFUSES',
  'MODEL_UNKNOWN',
  'WRONG_VERSION',
  'INTERNAL',
];

export class ServiceMetrics {
  readonly #questions: Counter<'model'>;
  readonly #refused: Counter<'code'>;

  /**
   * @param daemon whose registry these numbers join
   * @param models names of all models
   * @param clients how many sessions run
   */
  constructor(daemon: DaemonMetrics, models: readonly string[], clients: () => number) {
    const registers = [daemon.registry];
    this.#questions = new Counter({
      name: 'tacit_serve_questions_total',
      help: 'Questions that were answered, by model',
      labelNames: ['model'],
      registers,
    });
    this.#refused = new Counter({
      name: 'tacit_serve_clients_refused_total',
      help: 'Clients that were refused, by reason',
      labelNames: ['code'],
      registers,
    });
    new Gauge({
      name: 'tacit_serve_clients',
      help: 'Clients that are served now',
      registers,
      collect() {
        this.set(clients());
      },
    });
    for (const model of models) this.#questions.inc({ model }, 0);
    for (const code of CODES) this.#refused.inc({ code }, 0);
  }

  question(model: string): void {
    this.#questions.inc({ model });
  }

  refused(code: string): void {
    this.#refused.inc({ code: CODES.includes(code) ? code : 'INTERNAL' });
  }
}
