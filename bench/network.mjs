// node bench/network.mjs [--rtt MS] [--mbit N] [--repeat N] [--netns] [--quick]: one image through a fixture model, two
// parties and a dealer in three processes, over a network as between organisations and without it. Build before. It ends
// with code 1 where an inference takes longer than its rounds explain.
import { parseArgs } from 'node:util';
import { median, table } from './lib/measure.mjs';
import { overLoopback, throughNamespaces, throughProxy } from './lib/networks.mjs';

const { values } = parseArgs({
  options: {
    rtt: { type: 'string', default: '40' },
    mbit: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '15' },
    netns: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const [roundTripMs, megabits] = [Number(values.rtt), Number(values.mbit)];
const repetitions = values.quick ? 5 : Number(values.repeat);

/** What a round may take beside its round trip, and an inference beside its rounds, in ms. */
const [ROUND_MS, REST_MS] = [2, 80];

const far = values.netns ? throughNamespaces : throughProxy;
const plan = { model: 'mnist_cnn_bn', input: [1, 1, 28, 28], mode: 'owned', repetitions };
const [owner, client] = await far({ ...plan, warmUps: 20 }, { roundTripMs, megabits });
const [, near] = await overLoopback({ ...plan, warmUps: 300 });
const goal = client.rounds * (roundTripMs + ROUND_MS) + REST_MS;
const ms = median(client.times);
console.log(
  table([
    {
      model: 'mnist_cnn_bn, batch 1',
      network: `${roundTripMs} ms, ${megabits} Mbit/s, ${values.netns ? 'namespaces' : 'proxy'}`,
      rounds: client.rounds,
      'without ms': median(near.times),
      ms,
      [`rounds x ${roundTripMs + ROUND_MS} + ${REST_MS}`]: goal,
      ratio: ms / goal,
      'worst ms': Math.max(...client.times),
      'owner sends': owner.sent,
      'client sends': client.sent,
      frames: client.frames,
      'dealer bytes': client.dealt,
    },
  ]),
);
if (ms > goal) process.exitCode = 1;
