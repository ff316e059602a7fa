/**
 * Under the hood of encrypted networks: what of them is encrypted, and how a secret goes through, layer by layer.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/06-under-the-hood.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { fileURLToPath } from 'node:url';
import { type CrypTensor, isEncryptedTensor, nn, runMultiprocess, runPlain } from 'tacit';

const ALICE = 0;
const BOB = 1;
const two = { worldSize: 2 };
const url = import.meta.url;
const [x, weights] = [
  [[1, -2, 0.5]],
  { 'hidden.weight': [[0.5, 1, -1], [2, 0, 1]], 'hidden.bias': [0.25, -1], 'out.weight': [[1, -1]], 'out.bias': [3] }, // biome-ignore format: matrices
];

// 1. A network is a module with modules in its fields. Their names become the names of parameters, as in PyTorch.

class Net extends nn.Module {
  readonly hidden = new nn.Linear(3, 2);
  readonly relu = new nn.ReLU();
  readonly out = new nn.Linear(2, 1);

  override forward(x: CrypTensor): CrypTensor {
    return this.out.forward(this.relu.forward(this.hidden.forward(x)));
  }
}
for (const [name, { shape }] of new Net().namedParameters()) console.log(`1. ${name} [${shape}]`);
// → 1. hidden.weight [2,3]
// → 1. hidden.bias [2]
// → 1. out.weight [1,2]
// → 1. out.bias [1]

// 2. `encrypt` replaces the values of parameters by something to compute with: shares of them at every party ('shared'), or
//    the values at their owner and a masked copy elsewhere ('owned'). Only the owner's values count: Bob's side made random
//    ones, which are not used.

const sides = await runMultiprocess(two, url, async (party) => {
  const model = new Net();
  if (party.rank === ALICE) model.loadState(weights);
  const before = model.hidden.weight.encrypted;
  model.encrypt(party, { src: ALICE, mode: 'shared' });
  const { operand } = model.hidden.weight;
  const shares = isEncryptedTensor(operand) ? (await operand.debugShares()).length : 0;

  // 3. Forward, one layer after the other. A layer returns at once, a handle: its shape is known, nothing has been sent.
  //    `rounds` counts the messages in a row that lead to it. They are made when something is revealed, here at the end.
  let y = party.cryptensor(x, { src: BOB });
  const seen = [];
  for (const [name, layer] of model.members()) {
    if (!(layer instanceof nn.Module)) continue;
    y = layer.forward(y);
    seen.push({ name, shape: y.shape, encrypted: isEncryptedTensor(y), rounds: y.rounds });
  }
  return { before, shares, seen, result: await y.item({ to: BOB }) };
});
const bob = sides[BOB];
console.log('2. encrypted before:', bob.before); // → 2. encrypted before: false
console.log('   Bob holds', bob.shares, 'numbers for hidden.weight, noise'); // →    Bob holds 6 numbers for hidden.weight, noise
for (const { name, shape, encrypted, rounds } of bob.seen)
  console.log(`3. ${name}: [${shape}], encrypted: ${encrypted}, rounds so far: ${rounds}`);
// → 3. hidden: [1,2], encrypted: true, rounds so far: 1
// → 3. relu: [1,2], encrypted: true, rounds so far: …
// → 3. out: [1,1], encrypted: true, rounds so far: …
console.log('   Bob learns', bob.result); // →    Bob learns 1.5
console.log('   Alice learns', sides[ALICE].result); // →    Alice learns undefined

// 4. What is in between? In private, nobody knows; revealing it to look would tell a secret. The same program in the clear
//    is for that: `runPlain` has the same handles, and a debugger sees values.

const [between] = await runPlain(url, async (party) => {
  const model = new Net().loadState(weights).encrypt(party, { src: ALICE, mode: 'shared' });
  const hidden = model.hidden.forward(party.cryptensor(x, { src: BOB }));
  const values = [hidden, model.relu.forward(hidden)].map((y) => y.getPlainText());
  return (await Promise.all(values)).map(({ data }) => Array.from(data as Float32Array));
});
console.log('4. hidden', between[0], 'relu', between[1]); // → 4. hidden [ -1.75, 1.5 ] relu [ 0, 1.5 ]

// 5. A model from a file is a graph: nodes with an operation each, and values between them by name. What does nothing, such
//    as a padding of zero rows, is gone. Any value can be an output.

const file = fileURLToPath(new URL('../fixtures/mnist_lenet1_tanh/model.onnx', import.meta.url));
const graphs = await runMultiprocess(two, url, async (party) => {
  const model = await nn.fromOnnx(party, file, { src: ALICE, inputShape: [1, 1, 28, 28] });
  const nodes = model.graph.nodes.map(({ op, outputs }) => ({
    op,
    name: outputs[0],
    shape: model.graph.shapes.get(outputs[0]),
  }));
  const tanh = nodes.find(({ op }) => op === 'Tanh');
  if (!tanh) throw new Error('no tanh');
  model.encrypt(party, { src: ALICE });
  const first = model.withOutputs(tanh.name);
  const y = first.forward(party.cryptensor(new Float64Array(784), { src: BOB, shape: [1, 1, 28, 28] }));
  const largest = await y.abs().max().item({ to: BOB });
  return { nodes, rounds: y.rounds, below: largest !== undefined && largest <= 1 };
});
for (const { op, shape } of graphs[BOB].nodes) console.log(`5. ${op} [${shape}]`);
// → 5. Conv [1,4,24,24]
// → 5. Tanh [1,4,24,24]
// → 5. AveragePool [1,4,12,12]
// → 5. Conv [1,12,8,8]
// → 5. Tanh [1,12,8,8]
// → 5. AveragePool [1,12,4,4]
// → 5. Flatten [1,192]
// → 5. Linear [1,10]
console.log('   the first tanh is at most 1:', graphs[BOB].below); // →    the first tanh is at most 1: true
