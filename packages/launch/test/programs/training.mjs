// A training that goes on where it was when all of its processes were killed: `node training.mjs FOLDER EPOCHS`. After each
// epoch every party keeps its shares under the number of the epoch. A kill between the files of two parties leaves a
// checkpoint that does not load; then the one before it is taken.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runMultiprocess } from '@tacit/launch';
import * as nn from '@tacit/nn';

const [folder, total] = [process.argv[2], Number(process.argv[3])];
const pathOf = (epoch) => join(folder, `epoch-${epoch}`);

/** Numbers that look random, from -1 to 1. */
const numbers = (count, seed) => {
  let x = seed;
  return Float64Array.from({ length: count }, () => {
    x = (x * 48271) % 2147483647;
    return (2 * x) / 2147483647 - 1;
  });
};

/** The last checkpoint that all parties have, or none. Party 0 knows which epochs there may be. */
async function lastCheckpoint(party) {
  const own = () =>
    readdirSync(folder)
      .map((name) => Number(/^epoch-(\d+)\.0$/.exec(name)?.[1]))
      .filter(Number.isInteger)
      .sort((a, b) => b - a);
  for (const epoch of await party.announce(party.rank === 0 ? own() : undefined, { src: 0 })) {
    try {
      return await party.loadShares(pathOf(epoch));
    } catch (error) {
      if (!['SHARES_MISMATCH', 'FILE_NOT_FOUND', 'PEER_FILE'].includes(error.code)) throw error;
    }
  }
  return undefined;
}

await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const model = new nn.Sequential(new nn.Linear(4, 6), new nn.ReLU(), new nn.Linear(6, 2));
  let seed = 7;
  for (const parameter of model.parameters())
    parameter.data = numbers(
      parameter.shape.reduce((a, b) => a * b, 1),
      seed++,
    );
  model.encrypt(party, { src: 0 });
  const optimizer = new nn.optim.Adam(model.parameters(), { lr: 0.02 });
  const scheduler = new nn.optim.lrScheduler.CosineLR(optimizer, total);
  const saved = await lastCheckpoint(party);
  if (saved) {
    model.loadState(saved.model);
    optimizer.loadState(saved.optimizer);
    scheduler.loadState(saved.scheduler);
  }
  const done = saved?.epochs ?? 0;
  const x = numbers(24 * 4, 99);
  const y = Array.from({ length: 24 }, (_, i) => (x[4 * i] * x[4 * i + 1] > 0 ? [1, 0] : [0, 1]));
  if (done < total)
    await nn.fit(model, {
      inputs: party.cryptensor(x, { src: 0, shape: [24, 4] }),
      targets: party.cryptensor(y, { src: 1 }),
      loss: new nn.CrossEntropyLoss(),
      optimizer,
      scheduler,
      epochs: total - done,
      batchSize: 8,
      reveal: { loss: 'all' },
      onEpochEnd: async ({ epoch, loss }) => {
        const epochs = done + epoch + 1;
        await party.saveShares(pathOf(epochs), { model, optimizer, scheduler, epochs });
        if (party.rank === 0) console.log(JSON.stringify({ epochs, loss }));
      },
    });
});
