/**
 * Somebody has pictures of digits, somebody else knows whether they are even, and a network that tells digits apart is
 * published. All but its last layer runs in the clear where the pictures are: only what it makes of them is shared. A new
 * last layer is trained on that in private. `npx tsx examples/fine-tuning.ts` after `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { nn, optim, parseNpy, runMultiprocess } from 'tacit';
import { buildGraph, parseOnnx, plainFunction, splitModel } from 'tacit/onnx';

const PICTURES = 0;
const LABELS = 1;
const [TRAIN, TEST] = [200, 100];
const FEATURES = 100;

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const numbers = (name: string): Float64Array =>
  Float64Array.from(parseNpy(fixture(name)).data as ArrayLike<number>, Number);

const [result] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const rows = TRAIN + TEST;
  let features: Float64Array | undefined;
  if (party.rank === PICTURES) {
    const network = splitModel(buildGraph(parseOnnx(fixture('mnist_cnn_bn/model.onnx'))), 1);
    const pixels = numbers('mnist_test_1000/images.npy').subarray(0, rows * 28 * 28);
    const embed = plainFunction(network.features);
    features = embed({ shape: [rows, 1, 28, 28], data: pixels.map((v) => v / 255) }).data;
  }
  let even: Float64Array | undefined;
  if (party.rank === LABELS)
    even = numbers('mnist_test_1000/labels.npy')
      .subarray(0, rows)
      .map((v) => 1 - (v % 2));

  const x = party.cryptensor(features, { src: PICTURES, shape: [rows, FEATURES] });
  const y = party.cryptensor(even, { src: LABELS, shape: [rows] });
  const head = new nn.Linear(FEATURES, 2).encrypt(party, { src: 'nobody' });
  const optimizer = new optim.SGD(head.parameters(), { lr: 0.05, momentum: 0.9 });
  const criterion = new nn.CrossEntropyLoss();
  const size = 50;
  for (let epoch = 1; epoch <= 4; epoch++)
    for (let start = 0; start < TRAIN; start += size) {
      optimizer.zeroGrad();
      const loss = criterion.forward(head.forward(x.narrow(0, start, size)), y.narrow(0, start, size));
      loss.backward();
      optimizer.step();
    }
  const seen = head.forward(x.narrow(0, TRAIN, TEST));
  return nn.accuracy(seen, y.narrow(0, TRAIN, TEST)).item();
});

console.log(`${TEST} digits that it has not seen: ${(100 * Number(result)).toFixed(0)} % right`); // → 100 digits that it has not seen: 9… % right
