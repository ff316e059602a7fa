// A relay in a process of its own, whose memory can be looked at. Needs --expose-gc.
import { startRelay } from '../dist/relay.js';

const relay = await startRelay(JSON.parse(process.argv[2] ?? '{}'));
process.send({ address: relay.address });
process.on('message', () => {
  globalThis.gc();
  const { external, heapUsed } = process.memoryUsage();
  process.send({ bytes: external + heapUsed, stats: relay.stats });
});
process.on('disconnect', () => process.exit());
