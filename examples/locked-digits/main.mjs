// Locked digits: an owner locks a network that reads digits, in two ways. Who has the file and no key gets guesses or
// noise; who has the key gets the network back, byte for byte. Run it with `npm run demo:lock`.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNpy } from '@tacit/files';
import {
  advParamsKey,
  deepLock,
  deepUnlock,
  lockAdvParams,
  readKey,
  unlockAdvParams,
  writeKey,
} from '@tacit/lock';
import { blockTransform } from '@tacit/lock/transforms';
import { buildGraph, parseOnnx, plainFunction } from 'tacit/onnx';
import { sideBySide } from '../private-digits/picture.mjs';
import { proseWidth, style } from '../private-digits/style.mjs';

const fixture = (path) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const pixels = parseNpy(fixture('mnist_test_1000/images.npy')).data;
const classes = parseNpy(fixture('mnist_test_1000/labels.npy')).data;
const digits = (from, to) => ({
  images: {
    shape: [to - from, 1, 28, 28],
    data: Float64Array.from(pixels.subarray(784 * from, 784 * to), (grey) => grey / 255),
  },
  labels: { shape: [to - from], data: classes.subarray(from, to) },
});
const [mine, others] = [digits(0, 300), digits(500, 800)];
const row = (what, value) => console.log(`  ${what.padEnd(38)}${value}`);

/** Of the digits that the lock has not seen. */
function accuracy(file) {
  const { data } = plainFunction(buildGraph(parseOnnx(file)))(others.images);
  const right = Array.from(others.labels.data).filter((label, i) => {
    const logits = Array.from(data.subarray(10 * i, 10 * i + 10));
    return logits.indexOf(Math.max(...logits)) === label;
  });
  return `${((100 * right.length) / others.labels.data.length).toFixed(1)} %`;
}

/** Encrypted weights may be no numbers at all. */
function attempt(f) {
  try {
    return f();
  } catch (error) {
    return `does not compute: ${error.issues?.[0].reason ?? error.message}`;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tacit-lock-'));
const started = performance.now();
try {
  const model = fixture('mnist_lenet1_tanh/model.onnx');
  console.log(style.title('Locked digits'));
  console.log(
    proseWidth(
      'An owner has LeNet-1 (mnist_lenet1_tanh, 3,246 weights) in an ONNX file, and 300 digits. The file is to travel; ' +
        'the network is to be of use only with its key. All accuracies are of 300 digits that no lock has seen.',
    ),
  );
  row('the network', accuracy(model));

  console.log(style.heading('\nAdvParams: a few weights are moved against the loss'));
  const { locked, key, report } = await lockAdvParams(model, mine);
  row('weights changed', `${report.changed} of ${report.weights}, each within the range of its layer`);
  const large = report.layers.filter(({ weights }) => weights >= 100);
  const distance = Math.max(...large.map((layer) => layer.distance));
  row(
    'distance of distributions',
    `${distance.toFixed(3)} at most (Kolmogorov-Smirnov, layers of 100 weights and more)`,
  );
  row('accuracy, locked', style.bad(accuracy(locked)));
  const path = join(folder, 'lenet.key');
  const passphrase = 'only for this demo';
  await writeKey(path, advParamsKey, key, { passphrase });
  row('key file', `${statSync(path).size} bytes, sealed by a passphrase (scrypt, AES-256-GCM)`);
  const unlocked = unlockAdvParams(locked, await readKey(path, advParamsKey, { passphrase }));
  row(
    'unlocked',
    style.good(Buffer.compare(unlocked, model) === 0 ? 'the same bytes as before' : 'other bytes'),
  );
  row('time', `${(report.ms / 1000).toFixed(1)} s`);

  console.log(style.heading('\nDeep-Lock: every weight is encrypted'));
  const sealed = await deepLock(model);
  row('sealed', `${sealed.tensors.length} tensors, AES-256-GCM, bound to name, shape and model`);
  row('the file as it is', style.bad(attempt(() => accuracy(sealed.file))));
  const paper = await deepLock(model, { profile: 'paper', quantised: true });
  row('8-bit codes, the cipher of the paper', accuracy(paper.original));
  const wrong = { ...paper.key, body: { secret: paper.key.body.secret.slice() } };
  wrong.body.secret[3] ^= 16;
  row('one bit of the key wrong', style.bad(accuracy(await deepUnlock(paper.file, wrong, { check: false }))));
  const foreign = await deepUnlock(sealed.file, paper.key).catch((error) => error);
  row('the key of another lock', `refused: ${foreign.code}`);

  console.log(style.heading('\nTraining with a key: images are transformed block by block'));
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const digit = { shape: [1, 28, 28], data: Uint8Array.from(pixels.subarray(0, 784)) };
  const kinds = ['shf', 'np', 'ffx'].map((kind) => {
    const { data } = blockTransform({ kind, block: 4, key: secret, weak: true }).transform(digit);
    return data instanceof Float32Array ? Uint8Array.from(data, (x) => Math.round(255 * x)) : data;
  });
  const captions = ['a digit', 'SHF: shuffled', 'NP: inverted', 'FFX: encrypted'];
  const pictures = [digit.data, ...kinds].map((data, i) => ({ pixels: data, caption: captions[i] }));
  for (const line of sideBySide(pictures)) console.log(`  ${line}`);
  console.log(
    proseWidth(
      'examples/keyed-training.ts trains a network on these. docs/model-locks.md says what locks are worth.',
    ),
  );
  row('all of this', `${((performance.now() - started) / 1000).toFixed(1)} s`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
