// node bench/network.mjs [--rtt MS] [--mbit N] [--repeat N] [--netns] [--quick]: one image through a fixture model, two
// parties and a dealer in three processes, over a network as between organisations and without it. Build before. It ends
// with code 1 where an inference takes longer than its rounds explain.
import { far, farRow, near, roundMs } from './lib/far-inference.mjs';
import { median, table } from './lib/measure.mjs';

/** What an inference may take beside its rounds, in ms. */
const REST_MS = 80;

const measured = await far();
const [, client] = await near();
const { model, network, rounds, ms, goal, ...rest } = farRow(measured, REST_MS);
console.log(
  table([
    {
      model,
      network,
      rounds,
      'without ms': median(client.times),
      ms,
      [`rounds x ${roundMs} + ${REST_MS}`]: goal,
      ...rest,
    },
  ]),
);
