// What `tacit explain` says of the fixture models, against inferences: two parties and a dealer in three processes of this
// machine, over loopback and over two networks, of 10 ms and 500 Mbit/s and of 40 ms and 100 Mbit/s. One row a model, batch
// and network.
import { fileURLToPath } from 'node:url';
import { explain } from 'tacit';
import { median, quick, wanted } from './lib/measure.mjs';
import { overLoopback, throughProxy } from './lib/networks.mjs';

const models = [
  ['mlp_50_20_2', [50], [1, 32]],
  ['mnist_mlp_784_128_128_10', [784], [1, 32]],
  ['mnist_lenet1_tanh', [1, 28, 28], [1, 32]],
  ['mnist_lenet1_square', [1, 28, 28], [16]],
  ['mnist_cnn_bn', [1, 28, 28], [1, 32]],
];
const distances = [
  { roundTripMs: 10, megabits: 500 },
  { roundTripMs: 40, megabits: 100 },
];
const networks = [
  ['loopback', {}, overLoopback],
  ...distances.map((far) => [
    `${far.roundTripMs} ms, ${far.megabits} Mbit/s`,
    { roundTripMs: far.roundTripMs, bytesPerSecond: far.megabits * 125_000 },
    (plan) => throughProxy(plan, far),
  ]),
];

/** Warm as far as that takes some seconds: until then the engine goes on compiling. */
function runs(batch, isFar) {
  if (quick()) return { warmUps: isFar ? 5 : 40, repetitions: 7 };
  if (isFar) return { warmUps: 20, repetitions: 9 };
  return { warmUps: batch === 1 ? 1000 : 100, repetitions: 50 };
}

export const rows = [];
for (const [model, shape, batches] of models)
  for (const batch of batches)
    for (const [network, options, run] of networks) {
      const title = `${model}, batch ${batch}, ${network}`;
      if (!wanted(title)) continue;
      const file = fileURLToPath(new URL(`../fixtures/${model}/model.onnx`, import.meta.url));
      const plan = {
        model,
        input: [batch, ...shape],
        mode: 'owned',
        ...runs(batch, options.roundTripMs > 0),
      };
      // All members share this machine, as it is now.
      const said = await explain(file, { batch, ...options, sharedCores: true });
      const [owner, client] = await run(plan);
      if (client.rounds !== said.rounds || client.dealt !== said.dealerBytes)
        throw new Error(
          `${title}: ${client.rounds} rounds and ${client.dealt} bytes dealt, not as explained`,
        );
      const [best, ms] = [Math.min(...client.times), median(client.times)];
      process.stderr.write(
        `  ${title}: ${said.time.ms.toFixed(1)} ms explained, ${best.toFixed(1)} ms at best, ${ms.toFixed(1)} ms\n`,
      );
      rows.push({
        model: title,
        rounds: said.rounds,
        'estimate ms': said.time.ms,
        'best ms': best,
        'median ms': ms,
        'estimate / best': said.time.ms / best,
        'estimate / median': said.time.ms / ms,
        'memory MB, estimate': Math.max(...said.memory.parties) / 1e6,
        'memory MB': Math.max(owner.memory, client.memory) / 1e6,
      });
    }
