// Deals one tape for COUNT operations on 100,000 elements, and tells its size and the most memory that it took:
//   node dealer.mjs FOLDER COUNT
import { join } from 'node:path';
import { costEngine, defaultConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { createTapeKey, dealTapes, readTapeKey } from '@tacit/tapes';

const [folder, count] = process.argv.slice(2);
const ring = await Ring.load();
const engine = costEngine(ring, 2, defaultConfig);
for (let i = 0; i < Number(count); i++) engine.relu(engine.input(0, [100_000], undefined));
const plan = { parties: 2, config: defaultConfig, operations: engine.session.dealt };
const [dealer, alice, bob] = ['dealer', 'alice', 'bob'].map((name) => join(folder, `${name} ${count}`));
const members = [
  { name: 'alice', key: await createTapeKey(alice) },
  { name: 'bob', key: await createTapeKey(bob) },
];
await createTapeKey(dealer);
let bytes = 0;
await dealTapes({
  ring,
  plan,
  members,
  keys: await readTapeKey(dealer),
  out: join(folder, `out ${count}`),
  onProgress: (done) => {
    bytes = Math.max(bytes, done.bytes);
  },
});
process.stdout.write(JSON.stringify({ bytes, peakBytes: process.resourceUsage().maxRSS * 1024 }));
