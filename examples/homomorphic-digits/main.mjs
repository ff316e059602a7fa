// Homomorphic digits: a server has a network, a client has handwritten digits and a secret key. The client sends one
// ciphertext and decrypts one answer; the server computes on the ciphertext and sees neither digit nor answer.
//
// This process compiles the model, starts the server as a process of its own (it gets the server's half of the model
// and no key), and is the client (it gets the client's half, which has no weights). Run it with `npm run demo:he`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNpy } from '@tacit/files';
import { compileModel, HeClient } from '@tacit/he';
import { HeHttpClient } from '@tacit/he-service';
import { sideBySide } from '../private-digits/picture.mjs';
import { proseWidth, style } from '../private-digits/style.mjs';
import { startServer, writeModel } from './server.mjs';

const DIGITS = 24;
const SHOWN = 5;

const fixture = (path) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const pixels = parseNpy(fixture('mnist_test_1000/images.npy')).data;
const labels = parseNpy(fixture('mnist_test_1000/labels.npy')).data;
const digit = (i) => Float64Array.from(pixels.subarray(i * 784, (i + 1) * 784), (value) => value / 255);
const argMax = (values) => values.indexOf(Math.max(...values));
const size = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const row = (what, value) => console.log(`  ${what.padEnd(26)}${value}`);
const timed = async (action) => {
  const started = performance.now();
  return [await action(), performance.now() - started];
};

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'tacit-he-'));
let server;
try {
  console.log(style.title('Homomorphic digits'));
  console.log(
    proseWidth(
      'A server owns LeNet-1 with squares (mnist_lenet1_square, 3,246 weights). A client owns digits and the only key. ' +
        'The server computes on what it cannot read.',
    ),
  );

  console.log(style.heading('\nThe model is compiled, once'));
  const samples = Array.from({ length: 32 }, (_, i) => digit(999 - i));
  const [model, compileMs] = await timed(() =>
    compileModel(fixture('mnist_lenet1_square/model.onnx'), { samples, name: 'lenet1', precision: 1e-2 }),
  );
  const { report } = model;
  row('time', `${(compileMs / 1000).toFixed(1)} s`);
  row(
    'ring degree, modulus',
    `${report.ringDegree}, ${report.modulusBits} bits: ${report.security}-bit security`,
  );
  row(
    'layout',
    `${report.stages.map((s) => s.products).join(' + ')} products, ${report.rotationSteps} different rotations`,
  );
  row(
    'error expected',
    `${report.expectedError.toExponential(1)} of logits up to ${report.stages.at(-1).largest.toFixed(0)}`,
  );
  await writeModel(folder, model);

  server = await startServer(folder);
  const http = new HeHttpClient({ url: server.url });
  console.log(style.heading('\nThe client makes keys and uploads the public part, once'));
  const client = await HeClient.create(await http.clientArtefact('lenet1'));
  const [keys, keyMs] = await timed(() => client.evaluationKeys());
  const [{ id: keyId }, uploadMs] = await timed(() => http.uploadKeys(keys, { model: 'lenet1' }));
  row(
    'evaluation keys',
    `${size(keys.length)}, made in ${(keyMs / 1000).toFixed(1)} s, uploaded in ${(uploadMs / 1000).toFixed(1)} s`,
  );
  row('secret key', 'stays here');

  console.log(style.heading(`\n${DIGITS} digits`));
  const seen = [];
  const times = { encrypt: [], server: [], decrypt: [] };
  let traffic = {};
  let envelope;
  for (let i = 0; i < DIGITS; i++) {
    const [sent, encryptMs] = await timed(() => client.encrypt(digit(i)));
    const [answer, serverMs] = await timed(() => http.infer(sent, { model: 'lenet1', keyId }));
    const [[logits], decryptMs] = await timed(() => client.decrypt(answer));
    if (i > 0) {
      times.encrypt.push(encryptMs);
      times.server.push(serverMs);
      times.decrypt.push(decryptMs);
    }
    [envelope] = sent;
    traffic = { up: sent[0].length, down: answer[0].length };
    const predicted = argMax([...logits]);
    seen.push({
      pixels: pixels.subarray(i * 784, (i + 1) * 784),
      predicted,
      label: labels[i],
      caption: `it is a ${predicted}`,
    });
  }
  for (const line of sideBySide(seen.slice(0, SHOWN))) console.log(`  ${line}`);
  const right = seen.filter(({ predicted, label }) => predicted === label).length;
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  row('right', `${right} of ${DIGITS}`);
  row('a digit', `${size(traffic.up)} up, ${size(traffic.down)} down`);
  row(
    '',
    `encrypt ${median(times.encrypt).toFixed(0)} ms, server ${median(times.server).toFixed(0)} ms, decrypt ${median(times.decrypt).toFixed(0)} ms`,
  );

  console.log(style.heading('\nWhat the server saw of the last digit'));
  row('a ciphertext', `${Buffer.from(envelope.subarray(1000, 1024)).toString('hex')}...`);

  console.log(style.heading('\nWhat happens to what is wrong'));
  const garbled = envelope.slice();
  garbled[garbled.length >> 1] ^= 1;
  await expectRefusal('a bit flipped on the way', () => http.infer([garbled], { model: 'lenet1', keyId }));
  await expectRefusal('half a ciphertext', () =>
    http.infer([envelope.subarray(0, envelope.length >> 1)], { model: 'lenet1', keyId }),
  );
  await expectRefusal('keys that were never uploaded', () =>
    http.infer([envelope], { model: 'lenet1', keyId: '0'.repeat(64) }),
  );
  client.dispose();
  console.log(`\n${((performance.now() - started) / 1000).toFixed(1)} s in all.`);
} finally {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
}

async function expectRefusal(what, action) {
  try {
    await action();
  } catch (error) {
    row(what, error.code);
    return;
  }
  throw new Error(`${what} was accepted`);
}
