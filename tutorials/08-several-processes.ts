/**
 * Parties in processes of their own: a script becomes two processes and a dealer, which talk by WebSockets; each reads and
 * writes its own files. Then a training that is interrupted, and goes on from shares on disk.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/08-several-processes.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrypTensor, type LaunchEvent, runMultiprocess, runOnce, tidy } from 'tacit';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;

// 1. Files. A shop knows what its customers bought, a bank what they spend elsewhere. Each has a table of its own, as .csv;
//    in life on a machine of its own. (.npy, .npz and .safetensors are read, too.)

const folder = await runOnce(url, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
  writeFileSync(join(folder, 'shop.csv'), 'visits,basket\n12,31.5\n3,80\n7,12.25\n1,40\n');
  writeFileSync(join(folder, 'bank.csv'), 'spent\n430\n265\n121\n55\n');
  return folder;
});
const shop = join(folder, 'shop.csv');
const bank = join(folder, 'bank.csv');
const weights = join(folder, 'weights.shares');
const forBob = join(folder, 'forecast.csv');

// 2. transport: 'ws' makes processes. Everything else is as it was; without it, they are threads of this process. The
//    events tell what was started: a process for each party, and one for the dealer, which gets the next number.

const started: { rank: number; own: boolean }[] = [];
const onEvent = (event: LaunchEvent) => {
  if (event.type === 'started') started.push({ rank: event.rank, own: event.pid !== process.pid });
};

/** Gradient descent for spent = w visits + v basket (in hundreds), from w on. */
function train(x: CrypTensor, y: CrypTensor, start: CrypTensor, steps: number): CrypTensor {
  let w = start;
  for (let step = 0; step < steps; step++)
    w = tidy(x.context, () => w.sub(x.t().matmul(x.matmul(w).sub(y)).mul(0.1)));
  return w;
}

const before = await runMultiprocess({ worldSize: 2, transport: 'ws', onEvent }, url, async (party) => {
  const x = (await party.loadFromParty(shop, { src: ALICE })).mul([[0.1, 0.01]]);
  const y = (await party.loadFromParty(bank, { src: BOB })).mul(0.01);
  const w = train(x, y, party.zeros([2, 1]), 20);
  // 3. What a party prints comes to this terminal, in the order of ranks. Tensors are shown by their shape.
  party.print('shares of', w.shape, 'weights');
  // 4. Shares can be kept: each party writes a file of its own, its rank behind the name. All are written, or none.
  await party.saveShares(weights, { w });
  return process.pid;
}); // → party 0: shares of [ 2, 1 ] weights
// → party 1: shares of [ 2, 1 ] weights
const last = started.sort((a, b) => a.rank - b.rank);
console.log(
  '2. started',
  last.map(({ rank, own }) => `${rank}: ${own ? 'a process' : 'a thread'}`).join(', '),
); // → 2. started 0: a process, 1: a process, 2: a process
console.log('   of their own', new Set([...before, process.pid]).size === 3); // →    of their own true

const kept = [ALICE, BOB].map((rank) => `${weights}.${rank}`);
console.log('4. kept', kept.map((path) => existsSync(path)).join(' ')); // → 4. kept true true
console.log(
  '   for others to read:',
  kept.map((path) => (statSync(path).mode & 0o077) !== 0 && process.platform !== 'win32').join(' '),
); // →    for others to read: false false

// 5. Later, in other processes, they go on where they stopped. The forecast goes to Bob, as a file.

await runMultiprocess({ worldSize: 2, transport: 'ws' }, url, async (party) => {
  const { w: start } = await party.loadShares(weights);
  const x = (await party.loadFromParty(shop, { src: ALICE })).mul([[0.1, 0.01]]);
  const y = (await party.loadFromParty(bank, { src: BOB })).mul(0.01);
  const w = train(x, y, start, 180);
  await party.saveFromParty(x.matmul(w).mul(100), forBob, { src: BOB });
});
const forecast = readFileSync(forBob, 'utf8').trim().split('\n').map(Number);
console.log('5. Bob reads', forecast.map((v) => v.toFixed(0)).join(' ')); // → 5. Bob reads …

//    The same in the clear, with ordinary least squares:
const rows = [[1.2, 0.315], [0.3, 0.8], [0.7, 0.1225], [0.1, 0.4]]; // biome-ignore format: a matrix
const spent = [4.3, 2.65, 1.21, 0.55];
let [a, b] = [0, 0];
for (let step = 0; step < 200; step++) {
  const errors = rows.map(([x, y], i) => a * x + b * y - spent[i]);
  a -= 0.1 * rows.reduce((sum, [x], i) => sum + x * errors[i], 0);
  b -= 0.1 * rows.reduce((sum, [, y], i) => sum + y * errors[i], 0);
}
const off = rows.map(([x, y], i) => Math.abs(100 * (a * x + b * y) - forecast[i]));
console.log('   off by less than 0.5:', Math.max(...off) < 0.5); // →    off by less than 0.5: true

// 6. On several machines nothing starts them all. Each party runs `tacit party SESSION.json PROGRAM`, where the session says
//    who listens where and by which keys they know each other, and somebody else `tacit dealer`; or a program of its own
//    calls `joinSession`. What is done with the party is the same. examples/private-digits/ is such a program.
rmSync(folder, { recursive: true });
