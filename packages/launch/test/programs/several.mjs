// Small cases, one after another in one script: concurrent calls, results that cannot leave, nesting, first-party
// dealing, files.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runMultiprocess } from '@tacit/launch';

const folder = process.argv[2];
const url = import.meta.url;
const options = { worldSize: 2 };
const codeOf = (promise) =>
  promise.then(
    () => 'none',
    (error) => ({ code: error.code, cause: error.cause?.code, message: error.message }),
  );

const [a, b] = await Promise.all([
  runMultiprocess(options, url, async (party) => `a${party.rank}`),
  runMultiprocess(options, url, async (party) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return `b${party.rank}`;
  }),
]);
const encrypted = await codeOf(
  runMultiprocess(options, url, (party) => ({ list: [1, party.cryptensor([1], { src: 0 })] })),
);
const nested = await codeOf(runMultiprocess(options, url, () => runMultiprocess(options, url, () => 1)));
const firstParty = await runMultiprocess({ ...options, dealer: 'first-party' }, url, async (party) => {
  const y = party.cryptensor([-1, 2], { src: 1 }).relu();
  return Array.from((await y.getPlainText()).data);
});
const mixed = await runMultiprocess(options, url, async (party) => ({
  map: new Map([['t', await party.cryptensor([1.5], { src: 0 }).getPlainText()]]),
  big: 2n ** 70n,
  date: new Date(5),
}));
const out = join(folder, 'saved.npy');
const saved = await runMultiprocess(options, url, async (party) => {
  const x = party.cryptensor(
    [
      [0.5, 1],
      [2, 3],
      [4, 5],
    ],
    { src: 0 },
  );
  await party.saveFromParty(x, out, { src: 1, dtype: 'float64' });
  await party.announce(1, { src: 1 });
  const y = await party.loadFromParty(out, { src: 1 });
  return { shape: y.shape, data: Array.from((await y.getPlainText()).data) };
});
const missing = await codeOf(
  runMultiprocess(options, url, (party) => party.loadFromParty(join(folder, 'missing.npy'), { src: 1 })),
);
const unwritable = await codeOf(
  runMultiprocess(options, url, (party) =>
    party.saveFromParty(party.cryptensor([1], { src: 0 }), join(folder, 'no', 'where.npy'), { src: 0 }),
  ),
);
const tensor = mixed[1].map.get('t');
console.log(
  JSON.stringify({
    a,
    b,
    encrypted,
    nested,
    firstParty,
    mixed: {
      tensor: [tensor.constructor.name, tensor.dims, Array.from(tensor.data)],
      big: String(mixed[0].big),
      date: +mixed[0].date,
    },
    saved: saved[0],
    missing,
    unwritable,
    left: existsSync(folder) ? readdirSync(folder) : [],
  }),
);
