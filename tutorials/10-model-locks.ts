/**
 * Model locks: an ONNX file that is of no use without its key, in three ways.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/10-model-locks.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  advParamsKey,
  deepLock,
  deepLockKey,
  deepUnlock,
  lockAdvParams,
  openLocked,
  readKey,
  unlockAdvParams,
  writeKey,
} from '@tacit/lock';
import { blockTransform } from '@tacit/lock/transforms';
import { npyNumbers, parseNpy } from 'tacit';
import { buildGraph, parseOnnx, plainFunction } from 'tacit/onnx';

const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tacit-lock-'));

// A trained network, and digits: 200 to lock with, 200 others to see what the lock does.
const model = fixture('mnist_lenet1_tanh/model.onnx');
const pixels = npyNumbers(parseNpy(fixture('mnist_test_1000/images.npy')));
const classes = npyNumbers(parseNpy(fixture('mnist_test_1000/labels.npy')));
const digits = (from: number, to: number) => ({
  images: {
    shape: [to - from, 1, 28, 28],
    data: pixels.subarray(784 * from, 784 * to).map((grey) => grey / 255),
  },
  labels: { shape: [to - from], data: classes.subarray(from, to) },
});
const [data, others] = [digits(0, 200), digits(500, 700)];

/** How many of the 200 other digits a model reads. */
function right(file: Uint8Array): number {
  const { data: logits } = plainFunction(buildGraph(parseOnnx(file)))(others.images);
  return Array.from(others.labels.data).filter((label, i) => {
    const row = Array.from(logits.subarray(10 * i, 10 * i + 10));
    return row.indexOf(Math.max(...row)) === label;
  }).length;
}
console.log(`0. ${right(model)} of 200 right`); // → 0. 19… of 200 right

// 1. AdvParams moves a few weights against the loss, and keeps each within the range of its layer, so that nobody sees
//    which. The key says which they are and what they were.

const lock = await lockAdvParams(model, data, { evaluation: others });
console.log(`1. locked: ${right(lock.locked) <= 30 ? 'no better than chance' : 'still good'}`); // → 1. locked: no better than chance
console.log(`   ${lock.report.changed} of ${lock.report.weights} weights changed`); // →    … of 3246 weights changed

//    A key file is sealed by a passphrase. The key knows its model: unlocking gives the file back, byte for byte, and
//    refuses any other.

const keyFile = join(folder, 'lenet.key');
const passphrase = 'correct horse battery staple';
await writeKey(keyFile, advParamsKey, lock.key, { passphrase });
const key = await readKey(keyFile, advParamsKey, { passphrase });
console.log('   unlocked, equal:', Buffer.compare(unlockAdvParams(lock.locked, key), model) === 0); // →    unlocked, equal: true
try {
  unlockAdvParams(model, key);
} catch (error) {
  console.log('   any other file:', (error as { code: string }).code); // →    any other file: LOCK_KEY_MODEL
}

// 2. Deep-Lock encrypts every weight. `sealed` is authenticated encryption of each tensor: the file still opens in any
//    tool, and holds noise. A session opens weights one layer at a time, and wipes them when it is released.

const sealed = await deepLock(model);
await writeKey(join(folder, 'sealed.key'), deepLockKey, sealed.key, { passphrase });
const session = await openLocked(sealed.file, sealed.key);
const image = {
  type: 'float32',
  data: Float32Array.from(others.images.data.subarray(0, 784)),
  dims: [1, 1, 28, 28],
};
const answer = await session.run({ [session.inputNames[0]]: image });
await session.release();
const logits = Array.from(answer[session.outputNames[0]].data as Float32Array);
console.log(`2. the first digit is a ${classes[500]}, read as ${logits.indexOf(Math.max(...logits))}`); // → 2. the first digit is a …, read as …

//    `paper` is the cipher that the authors propose: a wrong key is not refused, it gives other weights. On codes of 8 bits
//    these look like weights, and the network guesses.

const quantised = await deepLock(model, { profile: 'paper', quantised: true });
console.log(`   quantised: ${right(quantised.original)} of 200 right`); // →    quantised: 19… of 200 right
const wrong = { ...quantised.key, body: { secret: quantised.key.body.secret.slice() } };
wrong.body.secret[0] ^= 1;
const guessed = await deepUnlock(quantised.file, wrong, { check: false });
console.log(`   one bit of the key wrong: ${right(guessed) < 80 ? 'it guesses' : 'it reads'}`); // →    one bit of the key wrong: it guesses

// 3. Training with a secret key locks a model that is still to be trained: images are transformed by the key, block by
//    block, for training and for use. examples/keyed-training.ts trains one.

const shuffle = blockTransform({ kind: 'shf', block: 4, key: new Uint8Array(32).fill(7), weak: true });
const digit = { shape: [1, 28, 28], data: Uint8Array.from(pixels.subarray(0, 784)) };
const shuffled = shuffle.transform(digit);
console.log('3. the same picture:', Buffer.compare(shuffled.data, digit.data) === 0); // → 3. the same picture: false
console.log('   and back:', Buffer.compare(shuffle.inverse(shuffled).data, digit.data) === 0); // →    and back: true

// 4. The same from the command line: `npx tacit lock --help`. What a lock stops and what it does not, and when to take
//    homomorphic or interactive inference in its place: docs/model-locks.md.

rmSync(folder, { recursive: true });
