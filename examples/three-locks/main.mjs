// One network, three ways to keep it from those who use it. The same ONNX file is compiled for homomorphic inference,
// computed between two parties and a dealer, and locked by Deep-Lock; each reads the same digits.
//
//     npm ci && npm run build
//     node examples/three-locks/main.mjs
//
// What it prints is measured here and now; docs/model-locks.md says which to take when.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nn, parseNpy, runMultiprocess } from 'tacit';

const MODEL = new URL('../../fixtures/mnist_lenet1_square/model.onnx', import.meta.url);
const DIGITS = 16;
const SHAPE = [DIGITS, 1, 28, 28];
const [OWNER, CLIENT] = [0, 1];

const fixture = (path) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url));
const pixels = parseNpy(fixture('mnist_test_1000/images.npy')).data;
const expected = parseNpy(fixture('mnist_lenet1_square/logits_test1000.npy')).data;
const digits = Float64Array.from(pixels.subarray(0, 784 * DIGITS), (grey) => grey / 255);
const digit = (i) => Float64Array.from(pixels.subarray(784 * i, 784 * (i + 1)), (grey) => grey / 255);

/** Two parties and a dealer: the owner keeps the weights, the client the digits, and nobody sees what the other has. */
const [, interactive] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const model = await nn.fromOnnx(party, fileURLToPath(MODEL), { src: OWNER, inputShape: SHAPE });
  model.encrypt(party, { src: OWNER });
  // The weights travel under their mask before the clock starts: they do so once for a model.
  await model.forward(party.cryptensor(digits, { src: CLIENT, shape: SHAPE })).reveal({ to: CLIENT });
  const sent = () => party.stats.total.bytesSent;
  const before = sent();
  const began = performance.now();
  const images = party.cryptensor(digits, { src: CLIENT, shape: SHAPE });
  const answer = await model.forward(images).reveal({ to: CLIENT });
  return {
    logits: answer ? Array.from(answer.data) : [],
    ms: performance.now() - began,
    bytes: sent() - before,
  };
});

const file = readFileSync(MODEL);

/** One server, one client: the client sends ciphertexts, the server computes on them and answers with others. */
async function homomorphic() {
  // Loaded here, since parties run the lines above as well.
  const { compileModel, HeClient, HeModel } = await import('@tacit/he');
  const samples = Array.from({ length: 32 }, (_, i) => digit(900 + i));
  const { client: half, server } = await compileModel(file, { samples, precision: 1e-2 });
  const client = await HeClient.create(half);
  const model = await HeModel.load(server);
  const keys = await model.loadKeys(await client.evaluationKeys());
  const logits = [];
  let bytes = 0;
  const began = performance.now();
  for (let i = 0; i < DIGITS; i++) {
    const sent = await client.encrypt(digit(i));
    const answer = await model.evaluate(sent, keys);
    const [result] = await client.decrypt(answer);
    logits.push(...result);
    bytes += [...sent, ...answer].reduce((sum, envelope) => sum + envelope.length, 0);
  }
  const ms = performance.now() - began;
  client.dispose();
  model.dispose();
  return { logits, ms, bytes };
}

/** One machine: it has the file, the key and the digits. The lock protects the file, not the digits. */
async function locked() {
  const { deepLock, openLocked } = await import('@tacit/lock');
  const { file: lockedFile, key } = await deepLock(file);
  const session = await openLocked(lockedFile, key);
  const [[input], [output]] = [session.inputNames, session.outputNames];
  const began = performance.now();
  const answer = await session.run({
    [input]: { type: 'float32', data: Float32Array.from(digits), dims: SHAPE },
  });
  const ms = performance.now() - began;
  await session.release();
  return { logits: Array.from(answer[output].data), ms, bytes: 0 };
}

const best = (logits, i) => {
  const row = logits.slice(10 * i, 10 * i + 10);
  return row.indexOf(Math.max(...row));
};
const show = (what, { logits, ms, bytes }, hides) => {
  const same = Array.from({ length: DIGITS }, (_, i) => best(logits, i) === best(expected, i)).filter(
    Boolean,
  );
  const largest = Math.max(...logits.map((value, i) => Math.abs(value - expected[i])));
  const cells = [
    what.padEnd(24),
    `${same.length} of ${DIGITS}`.padEnd(14),
    largest.toExponential(0).padEnd(8),
    `${ms.toFixed(0)} ms`.padStart(8),
    `${(bytes / 1000).toFixed(0)} kB`.padStart(9),
    `  ${hides}`,
  ];
  console.log(cells.join(''));
};

console.log(`${DIGITS} digits               as in clear   error       time     sent  hides`);
show('two parties and dealer', interactive, 'weights and digits from each other');
show('homomorphic', await homomorphic(), 'digits from the server, weights from the client');
show('locked file', await locked(), 'weights from who has the file and no key');
