/**
 * Homomorphic inference: from the first ciphertext to a network behind HTTP that never sees what it classifies.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/02-homomorphic-inference.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileModel, HeClient, HeModel, packClientArtefact, packServerArtefact } from '@tacit/he';
import { Bfv } from '@tacit/he-layers';
import { HeHttpClient } from '@tacit/he-service';
import { startService } from '@tacit/he-service/service';
import { npyNumbers, parseNpy } from 'tacit';

const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url));

// 1. The first ciphertext. BFV computes exactly on polynomials with coefficients modulo t; a number becomes its digits.
//    Sums and products of ciphertexts decrypt to sums and products, and who computes them needs no key.

const bfv = await Bfv.create({ ringDegree: 4096, plainModulus: 65537n });
const a = bfv.encryptFraction(127.15717263);
const b = bfv.encryptFraction(-2.128965182);
console.log('1. sum', bfv.decryptFraction(bfv.add(a, b)).toFixed(6)); // → 1. sum 125.028207
console.log('   difference', bfv.decryptFraction(bfv.sub(a, b)).toFixed(6)); // →    difference 129.286138
console.log('   product', bfv.decryptFraction(bfv.multiply(a, b)).toFixed(6)); // →    product -270.713193

//    Every operation adds noise, products of ciphertexts most; the budget is what is left, in bits. At 0 the result is
//    garbage. (Who has the key may look at it. Never tell it to anybody else.)

const budget = (name: string, left: number) => console.log(`   budget of ${name}: ${left}`);
budget('a', bfv.noiseLevel(a)); // →    budget of a: …
budget('a + a', bfv.noiseLevel(bfv.add(a, a))); // →    budget of a + a: …
budget('a x 2', bfv.noiseLevel(bfv.multiply(a, 2))); // →    budget of a x 2: …
budget('a x a', bfv.noiseLevel(bfv.multiply(a, a))); // →    budget of a x a: …

//    How many products in a row? A larger ring has room for more, and costs more.

for (const ringDegree of [4096, 8192]) {
  using other = await Bfv.create({ ringDegree, plainModulus: 65537n });
  other.generateRelinearizationKey();
  const { depth } = other.multiplicationDepth();
  console.log(`   ring ${ringDegree}: ${depth} products in a row`); // →    ring …: … products in a row
} // →    ring …: … products in a row
bfv.dispose();

// 2. A network. Between two activations everything is one affine map (convolutions, pools, batch normalisation), and
//    activations must be polynomials. LeNet-1 with squares in place of tanh is one of those. The compiler lays an image
//    out in the slots of one CKKS ciphertext and chooses parameters for the precision asked for, at 128 bits of security.

const onnx = fixture('mnist_lenet1_square/model.onnx');
const pixels = npyNumbers(parseNpy(fixture('mnist_test_1000/images.npy')));
const digit = (i: number) => pixels.subarray(784 * i, 784 * (i + 1)).map((grey) => grey / 255);
const samples = Array.from({ length: 32 }, (_, i) => digit(900 + i));

const {
  server,
  client: clientHalf,
  report,
} = await compileModel(onnx, { samples, precision: 1e-2, name: 'lenet1' });
console.log('2. ring degree', report.ringDegree, '-', report.security, 'bits'); // → 2. ring degree 8192 - 128 bits
for (const stage of report.stages)
  console.log(`   ${stage.kind}: ${stage.rotations} rotations, ${stage.products} products`);
// →    affine: … rotations, 36 products
// →    square: 0 rotations, 1 products
// →    affine: … rotations, 100 products
// →    square: 0 rotations, 1 products
// →    affine: … rotations, 16 products

//    What a ReLU would say: the layer, and what helps.

const relu = await compileModel(fixture('mnist_mlp_784_128_128_10/model.onnx')).catch((error) => error);
console.log('   ', relu.code); // →     HE_MODEL
console.log('   ', relu.message.split('.')[0]); // →     Layer … is a Relu

// 3. Both sides in one process. The client's half has no weights, the server's half no key.

const alice = await HeClient.create(clientHalf);
const model = await HeModel.load(server);
const evaluationKeys = await alice.evaluationKeys(); // tens of megabytes, sent once
const keys = await model.loadKeys(evaluationKeys);

const sent = await alice.encrypt(digit(0));
const answer = await model.evaluate(sent, keys);
const [logits] = await alice.decrypt(answer);
const kB = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
console.log('3. sent', sent.length, 'ciphertext of', kB(sent[0].length)); // → 3. sent 1 ciphertext of … kB
console.log('   received', answer.length, 'ciphertext of', kB(answer[0].length)); // →    received 1 ciphertext of … kB

const expected = npyNumbers(parseNpy(fixture('mnist_lenet1_square/logits_test1000.npy'))).subarray(0, 10);
const largest = logits.reduce((top, value, k) => Math.max(top, Math.abs(value - expected[k])), 0);
console.log('   largest error of a logit below 0.01:', largest < 0.01); // →    largest error of a logit below 0.01: true
console.log('   it is a', logits.indexOf(Math.max(...logits))); // →    it is a 1

// 4. What anyone else gets. Mallory has the ciphertext and keys of her own: what she decrypts is noise in every slot, and
//    the client says so instead of returning numbers.

const mallory = await HeClient.create(clientHalf);
const noise = await mallory.decrypt(answer).catch((error) => error);
console.log('4. Mallory reads', noise.code); // → 4. Mallory reads HE_RESULT
mallory.dispose();
model.dispose();

// 5. The service: `tacit he serve`, here as a function. Keys are uploaded once and found again after a restart; each
//    request is a ciphertext in and a ciphertext out.

const folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
const artefacts = {
  name: 'lenet1',
  server: await packServerArtefact(server),
  client: await packClientArtefact(clientHalf),
};
const service = await startService({
  models: [artefacts],
  stateDirectory: folder,
  workers: 1,
  logLevel: 'silent',
});

const http = new HeHttpClient({ url: service.url });
const { id: keyId } = await http.uploadKeys(evaluationKeys, { model: 'lenet1' });
const seen: number[] = [];
for (let i = 0; i < 5; i++) {
  const [values] = await alice.decrypt(
    await http.infer(await alice.encrypt(digit(i)), { model: 'lenet1', keyId }),
  );
  seen.push(values.indexOf(Math.max(...values)));
}
console.log('5. five digits', seen.join(' ')); // → 5. five digits …

const wrong = await http.infer([new Uint8Array(1000)], { model: 'lenet1', keyId }).catch((error) => error);
console.log('   garbage is refused:', wrong.code); // →    garbage is refused: …
alice.dispose();
await service.close();
rmSync(folder, { recursive: true });

//    docs/homomorphic.md says how all this works, what it protects and what it does not, and when to take private
//    inference between parties (tutorial 1) instead.
