/** What the routes of one service share. */

import type { WorkerPool } from '../worker-pool/index.js';
import type { ByteBudget } from './byte-budget.js';
import type { InferenceRunner } from './inference.js';
import type { KeyStore } from './key-store/key-store.js';
import type { ServiceLimits } from './limits.js';
import type { ServiceMetrics } from './metrics.js';
import type { ModelTable } from './models.js';
import type { RequestContexts } from './request-context.js';
import type { TokenTable } from './tokens.js';

export interface ServiceParts {
  readonly limits: ServiceLimits;
  readonly tokens: TokenTable;
  readonly models: ModelTable;
  readonly store: KeyStore;
  readonly pool: WorkerPool;
  readonly runner: InferenceRunner;
  readonly budget: ByteBudget;
  readonly metrics: ServiceMetrics;
  readonly contexts: RequestContexts;
  /** The service shuts down and takes no new work. */
  readonly draining: () => boolean;
}
