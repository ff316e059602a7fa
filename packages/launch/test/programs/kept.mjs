// Two runs, the second of which goes on where the first one ended; what is printed comes in rank order.
import { join } from 'node:path';
import { runMultiprocess } from '@tacit/launch';

const folder = process.argv[2];
const path = join(folder, 'model.shares');
const url = import.meta.url;
const options = { worldSize: 3 };

const before = await runMultiprocess(options, url, async (party) => {
  const w = party.cryptensor(party.rank === 1 ? [[0.5], [-2]] : undefined, { src: 1, shape: [2, 1] });
  const trained = w.add(w.mul(w));
  await party.saveShares(path, { trained });
  party.print('saved', trained, { party: party.rank });
  party.print('second line');
  return Array.from(
    (
      await party
        .cryptensor([[1, 2]], { src: 0 })
        .matmul(trained)
        .getPlainText()
    ).data,
  );
});
const after = await runMultiprocess(options, url, async (party) => {
  const { trained } = await party.loadShares(path);
  const y = party.cryptensor([[1, 2]], { src: 0 }).matmul(trained);
  await party.saveFromParty(trained, join(folder, 'trained.npy'), { src: 0, dtype: 'float64' });
  return Array.from((await y.getPlainText()).data);
});
const [missing, other] = await Promise.all(
  [{ worldSize: 3 }, { worldSize: 2 }].map((more, i) =>
    runMultiprocess({ ...options, ...more }, url, (party) =>
      party.loadShares(i === 0 && party.rank === 1 ? join(folder, 'none') : path),
    ).then(
      () => 'loaded',
      ({ cause }) => ({ code: cause.code, message: cause.message }),
    ),
  ),
);
console.log(`\n${JSON.stringify({ before, after, missing, other })}`);
