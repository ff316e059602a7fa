// node bench/tapes.mjs [--rtt MS] [--mbit N] [--repeat N] [--netns] [--quick]: one image through a fixture model, two
// parties and a dealer in three processes, over a network as between organisations and without it; then the parties alone,
// on a tape that was dealt ahead. Build before. It ends with code 1 where an inference takes longer than its rounds explain.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePlan } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { createTapeKey, dealTapes, readTapeKey } from '@tacit/tapes';
import { far, farRow, inferences, near, roundMs } from './lib/far-inference.mjs';
import { median, table } from './lib/measure.mjs';
import { PARTIES } from './lib/networks.mjs';

/** What an inference may take beside its rounds, in ms. */
const [REST_MS, TAPE_REST_MS] = [80, 50];

/** A tape for what the parties did: where each finds its own. */
async function dealFor(plan, folder) {
  const keyOf = async (name) => {
    const key = join(folder, name);
    return { key, publicKey: await createTapeKey(key) };
  };
  const dealer = await keyOf('dealer');
  const own = await Promise.all(PARTIES.map(keyOf));
  const began = performance.now();
  await dealTapes({
    ring: await Ring.load(),
    plan: parsePlan(plan),
    members: PARTIES.map((name, rank) => ({ name, key: own[rank].publicKey })),
    keys: await readTapeKey(dealer.key),
    out: join(folder, 'tapes'),
  });
  const dealMs = performance.now() - began;
  const tapes = PARTIES.map((name, rank) => ({
    folder: join(folder, 'tapes', name),
    key: own[rank].key,
    dealer: dealer.publicKey,
  }));
  return { tapes, dealMs };
}

const online = await far({ record: true });
const [, client] = await near();
const folder = mkdtempSync(join(tmpdir(), 'tacit-bench-'));
const { tapes, dealMs } = await dealFor(online[1].plan, folder);
const alone = await far({ tapes });
rmSync(folder, { recursive: true });

const row = (dealer, measured, restMs, nearMs) => {
  const { model, network, rounds, ...rest } = farRow(measured, restMs);
  return { model, dealer, network, rounds, 'without ms': nearMs, ...rest };
};
console.log(
  table([row('online', online, REST_MS, median(client.times)), row('tape', alone, TAPE_REST_MS, '')]),
);
console.log(
  `goal: rounds x ${roundMs} ms, and ${REST_MS} ms or, on a tape, ${TAPE_REST_MS} ms. ` +
    `The tape of ${inferences} inferences took ${dealMs.toFixed(0)} ms to deal.`,
);
