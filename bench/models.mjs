// The fixture models, two parties and a dealer as three threads, model-owner mode: one row a model and batch size.
import { readFileSync } from 'node:fs';
import { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } from '@tacit/onnx';
import { nn, runMultiprocess } from 'tacit';
import { cpuMs, median, quick, wanted } from './lib/measure.mjs';

const OWNER = 0;
const CLIENT = 1;
const models = [
  ['mnist_mlp_784_128_128_10', [784], [1, 100]],
  ['mnist_lenet1_tanh', [1, 28, 28], [1, 16]],
  ['mnist_lenet1_square', [1, 28, 28], [1, 16]],
  ['mnist_cnn_bn', [1, 28, 28], [1, 32]],
];

/**
 * Runs before the first one that counts. One image takes few milliseconds, most of it JavaScript in three threads: the
 * engine goes on compiling for a thousand images, and until then an image takes twice as long (see README.md).
 */
const warmUps = (batch) => (quick() ? 5 : batch === 1 ? 1500 : 60);

export const rows = (
  await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
    const found = [];
    for (const [name, shape, batches] of models)
      for (const batch of batches) {
        const title = `${name}, batch ${batch}`;
        if (!wanted(title)) continue;
        const graph =
          party.rank === OWNER
            ? buildGraph(
                parseOnnx(readFileSync(new URL(`../fixtures/${name}/model.onnx`, import.meta.url))),
                {
                  inputShapes: { input: ['batch', ...shape] },
                },
              )
            : undefined;
        const architecture = await party.announce(graph && architectureOf(graph), { src: OWNER });
        const model = graph ?? graphFromArchitecture(architecture);
        const input = [batch, ...shape];
        const network = new nn.Graph(specialize(model, { [model.inputs[0].name]: input }));
        network.encrypt(party, { src: OWNER });
        await network.prepare();
        const data = Float64Array.from(
          { length: input.reduce((a, b) => a * b, 1) },
          (_, i) => ((i * 37) % 256) / 255,
        );
        const times = [];
        const cpu = [];
        let cost = {};
        for (let i = -warmUps(batch); i < (quick() ? 5 : 25); i++) {
          const { stats } = party.engine;
          const before = stats.snapshot();
          const startedCpu = process.cpuUsage();
          const started = performance.now();
          const x = party.cryptensor(party.rank === CLIENT ? data : undefined, { src: CLIENT, shape: input });
          const y = network.forward(x);
          await y.revealFloat64({ to: CLIENT });
          if (i >= 0) {
            times.push(performance.now() - started);
            cpu.push(cpuMs(startedCpu));
          }
          const sent = stats.since(before);
          cost = {
            rounds: y.rounds + 1, // it is rounded on its way
            'bytes sent': sent.peers[1 - party.rank].payloadBytesSent,
            'dealer bytes': sent.peers[2].payloadBytesReceived,
          };
          x.dispose();
          y.dispose();
        }
        network.dispose();
        found.push({ model: title, ms: median(times), 'cpu ms': median(cpu), ...cost });
      }
    return found;
  })
).reduce((owner, client) =>
  owner.map((row, i) => ({
    model: row.model,
    ms: client[i].ms, // the client has the answer
    'cpu ms': client[i]['cpu ms'],
    rounds: client[i].rounds,
    'owner sends': row['bytes sent'],
    'client sends': client[i]['bytes sent'],
    'dealer bytes': client[i]['dealer bytes'],
  })),
);
