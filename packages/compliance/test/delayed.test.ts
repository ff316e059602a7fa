import { createThreadGroup, DelayedTransport, threadTransport } from '@tacit/comm';
import { transportCompliance } from '../src/index.js';

transportCompliance('delayed threads', async (size) =>
  createThreadGroup(size).map((endpoint) => new DelayedTransport(threadTransport(endpoint), { jitterMs: 2 })),
);
