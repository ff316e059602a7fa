/**
 * First steps: secret tensors, what a share looks like, products, comparisons, and a model that only its owner sees.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/01-first-steps.ts
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 *
 * Each call of runMultiprocess starts the parties and a dealer as threads of this process. In every party this module
 * is run again up to the call, so what stands between the calls should be harmless to repeat. Messages of the repetition
 * are not printed twice.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nn, npyNumbers, parseNpy, runMultiprocess, runPlain } from 'tacit';

const ALICE = 0;
const BOB = 1;
const two = { worldSize: 2 };
const file = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

// 1. A secret tensor. Alice owns the values; Bob knows the shape and nothing else. A party that does not own a tensor
//    gives its shape instead (or any values: only the owner's argument is used).

const shares = await runMultiprocess(two, import.meta.url, async (party) => {
  const mine = party.rank === ALICE ? [1.5, -2, 0] : undefined;
  const x = party.cryptensor(mine, { src: ALICE, shape: [3] });
  const words = await x.share.value; // what this party really holds: three numbers modulo 2^64
  return Array.from(words, (w) => w.toString(16).padStart(16, '0'));
});

console.log('1. What they hold of [1.5, -2, 0]'); // → 1. What they hold of [1.5, -2, 0]
console.log('   Alice', shares[ALICE].join(' ')); // →    Alice …
console.log('   Bob  ', shares[BOB].join(' ')); // →    Bob   …

//    Each is noise on its own, a new one every time. Together they are the numbers in fixed point, 16 bits of fraction:

const sums = shares[ALICE].map((a, i) => BigInt.asIntN(64, BigInt(`0x${a}`) + BigInt(`0x${shares[BOB][i]}`)));
console.log('   sum / 2^16 =', sums.map((s) => Number(s) / 65536).join(', ')); // →    sum / 2^16 = 1.5, -2, 0

// 2. Computing. An operation returns a handle at once: nothing is sent before something needs it, and what is
//    independent shares its messages. getPlainText reveals to all, reveal({ to }) to one party.

const products = await runMultiprocess(two, import.meta.url, async (party) => {
  const x = party.cryptensor(party.rank === ALICE ? [[1, 2], [3, 4]] : undefined, { src: ALICE, shape: [2, 2] }); // biome-ignore format: a matrix
  const w = party.cryptensor(party.rank === BOB ? [[0.5], [-1]] : undefined, { src: BOB, shape: [2, 1] });
  const y = x.matmul(w).add(2);
  const forAlice = await y.reveal({ to: ALICE });
  return { rounds: y.rounds, values: forAlice && Array.from(forAlice.data as Float32Array) };
});

console.log('2. x w + 2 =', products[ALICE].values); // → 2. x w + 2 = [ 0.5, -0.5 ]
console.log('   Bob learns', products[BOB].values); // →    Bob learns undefined

// 3. Comparing. Who is richer? A comparison gives a secret 0 or 1, exactly, however large or close the numbers are.
//    An `if` on a secret cannot work (which branch was taken would tell it): use where, min, max, relu.

const [richer] = await runMultiprocess(two, import.meta.url, async (party) => {
  const alice = party.cryptensor(party.rank === ALICE ? 41_999.75 : undefined, { src: ALICE, shape: [] });
  const bob = party.cryptensor(party.rank === BOB ? 42_000 : undefined, { src: BOB, shape: [] });
  const bobIsRicher = alice.lt(bob);
  return (await bobIsRicher.getPlainText()).data[0];
});

console.log('3. Bob is richer:', richer === 1); // → 3. Bob is richer: true

// 4. Alice has a model, Bob has data. Only Alice opens model.onnx, only Bob opens input.npy, only Bob gets the answer.
//    Bob learns the layers and their sizes, Alice how many rows were asked.

const answers = await runMultiprocess(two, import.meta.url, async (party) => {
  const model = await nn.fromOnnx(party, file('linear_4_2/model.onnx'), { src: ALICE, inputShape: [8, 4] });
  model.encrypt(party, { src: ALICE }); // Alice keeps her weights in the clear; Bob holds nothing of them
  const x = await party.loadFromParty(file('linear_4_2/input.npy'), { src: BOB });
  const answer = await model.forward(x).reveal({ to: BOB });
  return answer && Array.from(answer.data as Float32Array);
});

const plain = npyNumbers(parseNpy(readFileSync(file('linear_4_2/output.npy')))); // what PyTorch computed in the open
const error = Math.max(...(answers[BOB] ?? []).map((v, i) => Math.abs(v - plain[i])));
console.log('4. Alice learns', answers[ALICE]); // → 4. Alice learns undefined
console.log('   Bob learns', answers[BOB]?.length, 'numbers'); // →    Bob learns 16 numbers
console.log('   off by less than 0.001:', error < 0.001); // →    off by less than 0.001: true

// 5. Mistakes are errors, not wrong numbers. A value that fixed point cannot hold is refused where it enters:

const refused = await runMultiprocess(two, import.meta.url, (party) =>
  party.cryptensor([1, Number.NaN], { src: ALICE }).getPlainText(),
).catch((e) => e);
console.log('5.', refused.cause.code); // → 5. VALUE_OUT_OF_RANGE

// 6. Where is the mistake? The same program in the clear, in one thread, where a debugger sees every value: runPlain. If
//    that is right and the private run is not, twin: 'check' names the first operation that left the range of values
//    (2^28) or is off by more than it may be. It reveals everything: for development only.

const [right] = await runPlain(import.meta.url, (party) =>
  party.cryptensor([3], { src: BOB }).square().item(),
);
console.log('6. in the clear:', right); // → 6. in the clear: 9
const wrong = await runMultiprocess({ ...two, twin: 'check' }, import.meta.url, (party) =>
  party.cryptensor([3, 20_000], { src: BOB }).square().mul(2).getPlainText(),
).catch((e) => e);
console.log('  ', wrong.cause.code); // →    TWIN_DIFFERS

// Where next: examples/ has programs to copy from, docs/protocols.md says what happens inside and what it costs,
// SECURITY.md who learns what.
