// Two runs, the second of which goes on where the first one ended; what is printed comes in rank order.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyNumbers, parseNpy, runMultiprocess } from '@tacit/launch';

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
  // Told to party 0 only, which keeps the weights in the clear from then on.
  const plain = join(folder, 'trained.npy');
  await party.saveFromParty(trained, plain, { src: 0, dtype: 'float64' });
  const values = party.rank === 0 ? npyNumbers(parseNpy(readFileSync(plain))) : undefined;
  const owned = party.owned(values, { src: 0, shape: [2, 1] });
  const z = party.cryptensor([[1, 2]], { src: 0 }).matmul(owned);
  return [(await y.getPlainText()).data[0], (await z.getPlainText()).data[0]];
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
