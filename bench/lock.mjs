// Model locks on one thread: megabytes of weights a second, with the ratio to a memory copy of the same bytes in the same
// run. Processor time, so that what else the machine does counts less; whole files take SHA-256 of all weights twice.
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { deepLock, deepUnlock, lockBytes, unlockBytes } from '@tacit/lock';
import { encodeOnnx } from '@tacit/onnx';
import { cpuMs, quick, wanted } from './lib/measure.mjs';

const SIZE = 2 ** 24;
const weights = Uint8Array.from(randomBytes(SIZE));
const [key128, key256] = [randomBytes(16), randomBytes(32)];
const out = new Uint8Array(SIZE);

/** The least processor milliseconds of f: what others do on the machine only adds to it. */
async function least(f, repetitions = quick() ? 5 : 25) {
  let best = Infinity;
  for (let i = 0; i < repetitions; i++) {
    const started = process.cpuUsage();
    const began = performance.now();
    await f();
    best = Math.min(best, cpuMs(started), performance.now() - began);
  }
  return best;
}

export const rows = [];
const copyMs = await least(() => out.set(weights));
async function row(name, f) {
  if (!wanted(name)) return;
  const ms = await least(f);
  rows.push({ lock: name, ms, 'MB/s': SIZE / ms / 1e3, 'times a copy': ms / copyMs });
}

await row('memory copy', () => out.set(weights));
await row('SHA-256', () => createHash('sha256').update(weights).digest());
await row('AES-128-CTR of node:crypto alone', () => {
  const cipher = createCipheriv('aes-128-ctr', key128, new Uint8Array(16));
  for (let at = 0; at < SIZE; at += 2 ** 16) cipher.update(weights.subarray(at, at + 2 ** 16));
});
await row('Deep-Lock, paper, 128 bits: lock', () => lockBytes(weights, key128));
await row('Deep-Lock, paper, 128 bits: unlock', () => unlockBytes(weights, key128));
await row('Deep-Lock, paper, 256 bits: lock', () => lockBytes(weights, key256));
await row('Deep-Lock, paper, 256 bits: unlock', () => unlockBytes(weights, key256));

const file = encodeOnnx({
  opset: 17,
  name: 'bench',
  inputs: [{ name: 'x', type: 'float', shape: [1, 2048] }],
  outputs: [{ name: 'y', type: 'float', shape: [1, 2048] }],
  nodes: [{ op: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
  initializers: new Map([['w', { shape: [2048, 2048], data: new Float32Array(weights.buffer) }]]),
});
for (const options of [{ profile: 'sealed' }, { profile: 'paper' }]) {
  const locked = await deepLock(file, options);
  await row(`a file of 16.8 MB, ${options.profile}: lock`, () => deepLock(file, options));
  await row(`a file of 16.8 MB, ${options.profile}: unlock`, () => deepUnlock(locked.file, locked.key));
}
