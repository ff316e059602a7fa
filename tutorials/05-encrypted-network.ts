/**
 * Classification with an encrypted network: a trained model from an ONNX file, which only its owner may see, on digits
 * that only theirs may see.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/05-encrypted-network.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nn, npyNumbers, parseNpy, runMultiprocess } from 'tacit';

const ALICE = 0;
const BOB = 1;
const url = import.meta.url;
const file = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const numbers = (path: string) => npyNumbers(parseNpy(readFileSync(file(path))));

// 1. Alice trained a network of three layers, 784-128-128-10, in PyTorch and exported it: torch.onnx.export(model, ...).
//    `fromOnnx` makes a module of it at all parties. Alice's opens the file; Bob's is told operations and shapes, but no
//    weight. `encrypt` then protects the weights:
//
//    'owned'   Alice takes part and keeps them; Bob's side computes on a masked copy. The default here, and the faster one.
//    'shared'  all parties hold shares. For models that no party may have alone, such as one that they trained together.

const COUNT = 100;
const answers = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const model = await nn.fromOnnx(party, file('mnist_mlp_784_128_128_10/model.onnx'), {
    src: ALICE,
    inputShape: [COUNT, 784],
  });
  model.encrypt(party, { src: ALICE });

  // 2. Bob has digits, grey values 0 to 255 in a file of 1,000 images. He takes the first hundred. Scaling them to 0 ... 1
  //    is part of what the network expects; it costs nothing here, as the factor is public.
  const images = await party.loadFromParty(file('mnist_test_1000/images.npy'), { src: BOB });
  const x = images
    .slice([0], [COUNT])
    .reshape([COUNT, 784])
    .mul(1 / 255);
  images.dispose();

  // 3. The answer is ten numbers for each digit. The largest one is the class. Bob learns that and not the ten numbers:
  //    they would say a lot more about Alice's model.
  const classes = await model.forward(x).argmax(1).reveal({ to: BOB });

  // The same with shared weights, to compare. All ten numbers are revealed this time, to both.
  model.encrypt(party, { src: ALICE, mode: 'shared' });
  const logits = await model.forward(x).getPlainText();
  return {
    parameters: Array.from(
      model.namedParameters(),
      ([name, { shape, data }]) => `${name} [${shape}] ${data ? 'known' : 'unknown'}`,
    ),
    classes: classes && Array.from(classes.data as Float32Array),
    logits: Array.from(logits.data as Float32Array),
  };
});

const [alice, bob] = [answers[ALICE], answers[BOB]];
console.log('1. Alice has', alice.parameters[0]); // → 1. Alice has …[784,128] known
console.log('   Bob has  ', bob.parameters[0]); // →    Bob has   …[784,128] unknown
console.log('   parameters', bob.parameters.length); // →    parameters 6

console.log('2. Alice learns', alice.classes); // → 2. Alice learns undefined
console.log('   Bob learns', bob.classes?.slice(0, 10).join(' ')); // →    Bob learns 1 …

const labels = numbers('mnist_test_1000/labels.npy').subarray(0, COUNT);
const right = bob.classes?.filter((k, i) => k === labels[i]).length;
console.log(`3. ${right} of ${COUNT} right`); // → 3. 9… of 100 right

// What PyTorch computed in the clear, on the same digits:
const plain = numbers('mnist_mlp_784_128_128_10/logits_test1000.npy').subarray(0, 10 * COUNT);
const best = (row: ArrayLike<number>) => Array.from(row).indexOf(Math.max(...Array.from(row)));
const expected = Array.from({ length: COUNT }, (_, i) => best(plain.subarray(10 * i, 10 * i + 10)));
console.log('   the same classes as in the clear:', String(expected) === String(bob.classes)); // →    the same classes as in the clear: true
const error = Math.max(...bob.logits.map((v, i) => Math.abs(v - plain[i])));
console.log('   logits off by less than 0.005:', error < 0.005); // →    logits off by less than 0.005: true

// 4. Before you run a model: `npx tacit check model.onnx` says whether every operation is supported, and
//    `npx tacit predict` runs it on a file without a program. docs/operators.md has the list.
