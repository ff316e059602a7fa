// Ring kernels on one thread, with their ratio to a limit of the machine measured in the same run.
import { permute, Ring, WordsPool } from '@tacit/ring';
import { time, wanted } from './lib/measure.mjs';

const ring = await Ring.load();
// Made now: not while there is work space in use.
ring.arena();
const N = 1 << 20;
const MB = (N * 8) / 1e6;
const random = (n) => {
  const out = new BigUint64Array(n);
  ring.chacha(out, new Uint32Array(8).fill(7), new Uint32Array(3), 0, 12);
  return out;
};

/** Multiplications a second of a loop that does nothing else: one a cycle. */
const PRODUCTS = 5e7;
const multiplierMs = time(() => ring.multiplierLimit(PRODUCTS));
const limitGops = PRODUCTS / multiplierMs / 1e6;
const a = random(N);
const b = random(N);
const c = random(N);
const out = random(N);
const copyMs = time(() => out.set(a));

export const rows = [];
const row = (name, ms, extra) => rows.push({ kernel: name, ms, ...extra });

if (wanted('multiplier limit')) row('multiplier limit', multiplierMs, { 'G/s': limitGops });
if (wanted('memory copy')) row('memory copy 8 MB', copyMs, { 'GB/s': MB / copyMs });

for (const d of [64, 128, 256, 512, 1024]) {
  const name = `matmul ${d}`;
  if (!wanted(name)) continue;
  const [x, y, z] = [a.slice(0, d * d), b.slice(0, d * d), out.slice(0, d * d)];
  const ms = time(() => ring.matmul(z, x, y, { m: d, k: d, n: d }), d > 500 ? 7 : 15);
  const gops = d ** 3 / ms / 1e6;
  row(name, ms, { 'G/s': gops, 'time / multiplier limit': limitGops / gops });
}
for (const [name, sizes] of [
  [
    'conv 1x16x28x28, 16 of 5x5',
    { batch: 1, inChannels: 16, height: 28, width: 28, outChannels: 16, kernel: [5, 5], pads: [2, 2, 2, 2] },
  ],
  [
    'conv 32x1x28x28, 8 of 5x5',
    { batch: 32, inChannels: 1, height: 28, width: 28, outChannels: 8, kernel: [5, 5], pads: [2, 2, 2, 2] },
  ],
]) {
  if (!wanted(name)) continue;
  const { batch, inChannels, height, width, outChannels } = sizes;
  const macs = batch * inChannels * height * width * outChannels * 25;
  const z = out.slice(0, batch * outChannels * height * width);
  const x = a.slice(0, batch * inChannels * height * width);
  const w = b.slice(0, outChannels * inChannels * 25);
  const ms = time(() => ring.conv2d(z, x, w, sizes));
  row(name, ms, { 'G/s': macs / ms / 1e6, 'time / multiplier limit': limitGops / (macs / ms / 1e6) });
}
const elementwise = {
  add: () => ring.add(out, a, b),
  mul: () => ring.mul(out, a, b),
  'scaled product': () => ring.scaledMulAdd(out, -2n, a, b, c),
  'pack to 48 bits': () => ring.pack(new Uint8Array(out.buffer, 0, 6 * N), a, 48),
};
for (const [name, f] of Object.entries(elementwise)) {
  if (!wanted(name)) continue;
  const ms = time(f);
  row(`${name} 1M`, ms, { 'GB/s': MB / ms, 'time / memory copy': ms / copyMs });
}
const key = new Uint32Array(8).fill(3);
const nonce = new Uint32Array(3);
const scratch = ring.scratch.words(4096);
for (const rounds of [8, 12, 20]) {
  const name = `chacha${rounds}`;
  if (!wanted(name)) continue;
  const ms = time(() => {
    for (let i = 0; i < N / 4096; i++) ring.chacha(scratch, key, nonce, i * 512, rounds);
  });
  row(`${name} 8 MB`, ms, { 'GB/s': MB / ms, 'time / memory copy': ms / copyMs });
}

// Where arrays of a computation lie, and in JavaScript memory, where no kernel reaches.
const pool = new WordsPool({ ring });
for (const [rows, cols] of [
  [784, 128],
  [1024, 1024],
]) {
  const n = rows * cols;
  const name = `transpose ${rows}x${cols}`;
  if (!wanted(name)) continue;
  const { shape, strides } = permute([rows, cols]);
  const [from, to] = [pool.take(n), pool.take(n)];
  const copy = time(() => to.set(from));
  const places = { 'kernels memory': [to, from], 'JavaScript memory': [out.slice(0, n), a.slice(0, n)] };
  for (const [where, [target, source]] of Object.entries(places)) {
    const ms = time(() => ring.gather(target, source, shape, strides));
    row(`${name}, ${where}`, ms, { 'GB/s': (8 * n) / 1e6 / ms, 'time / memory copy': ms / copy });
  }
}
