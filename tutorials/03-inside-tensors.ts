/**
 * Inside tensors: what numbers become, what a party holds of them, how shares are added, multiplied and compared.
 *
 *     npm ci && npm run build
 *     npx tsx tutorials/03-inside-tensors.ts
 *
 * Each party here gives out its shares, for us to look at. In a program of yours nobody should: who has all of them has
 * the values.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time. A test holds the two together.
 */
import { type LaunchedParty, runMultiprocess } from 'tacit';

const ALICE = 0;
const BOB = 1;
const three = { worldSize: 3 };
const url = import.meta.url;
const hex = (words: bigint[]) =>
  words.map((w) => BigInt.asUintN(64, w).toString(16).padStart(16, '0')).join(' ');
const sum = (shares: bigint[][]) =>
  shares[0].map((_, i) => shares.reduce((all, own) => BigInt.asIntN(64, all + own[i]), 0n));
const xor = (shares: bigint[][]) => shares[0].map((_, i) => shares.reduce((all, own) => all ^ own[i], 0n));

// 1. Numbers become whole numbers: times 2^16, rounded, modulo 2^64. Alice's number is split into three shares, two of
//    which are random and the third what is missing. They come from seeds that were exchanged beforehand, so nothing is
//    sent. Any two shares together are noise; the three add up.

const first = await runMultiprocess(three, url, async (party) => {
  const x = party.cryptensor([1.5, -2], { src: ALICE });
  const y = party.cryptensor([10, 20], { src: BOB });
  const z = x.add(y).sub(1).mul(3); // see 2.
  return { x: await x.debugShares(), y: await y.debugShares(), z: await z.debugShares(), rounds: z.rounds };
});
const shared = first.map((party) => party.x);
for (const [rank, own] of shared.entries()) console.log(rank === 0 ? '1.' : '  ', 'party', rank, hex(own));
// → 1. party 0 …
// →    party 1 …
// →    party 2 …
console.log('   together', hex(sum(shared))); // →    together 0000000000018000 fffffffffffe0000
console.log(
  '   / 2^16 =',
  sum(shared).map((w) => Number(w) / 2 ** 16),
); // →    / 2^16 = [ 1.5, -2 ]

// 2. Sums of shares are shares of the sum. So adding, subtracting, and multiplying by a number that all know costs no
//    message: `rounds`, the messages in a row that lead to a tensor, stays 0.

const [own] = first;
const byHand = own.x.map((x, i) => BigInt.asIntN(64, (x + own.y[i] - (1n << 16n)) * 3n)); // party 0 adds what is public
console.log('2. party 0 has', hex(own.z)); // → 2. party 0 has …
console.log('   as by hand:', hex(own.z) === hex(byHand)); // →    as by hand: true
console.log(
  '   values',
  sum(first.map(({ z }) => z)).map((w) => Number(w) / 2 ** 16),
  'rounds',
  own.rounds,
); // →    values [ 31.5, 51 ] rounds 0

// 3. Products need help. A dealer, which sees no message of the parties, gives out shares of random a, b and of a b. The
//    parties tell each other x - a and y - b, which are noise, and compute x y = c + (x - a) b + a (y - b) + (x - a) (y - b)
//    on their shares. By hand:

const random = () => crypto.getRandomValues(new BigInt64Array(1))[0];
const split = (v: bigint) => {
  const mask = random();
  return [mask, BigInt.asIntN(64, v - mask)];
};
const [x, y, a, b] = [6n, -7n, random(), random()];
const [xs, ys, as, bs, cs] = [x, y, a, b, a * b].map(split);
const e = BigInt.asIntN(64, xs[0] - as[0] + (xs[1] - as[1])); // each party sends its share of x - a ...
const d = BigInt.asIntN(64, ys[0] - bs[0] + (ys[1] - bs[1])); // ... and of y - b
const product = [0, 1].map((i) => cs[i] + e * bs[i] + as[i] * d + (i === 0 ? e * d : 0n));
console.log('3. 6 x -7 =', BigInt.asIntN(64, product[0] + product[1])); // → 3. 6 x -7 = -42n

//    In the library the masked form x - a stays with its tensor, so x is opened once, however many products it meets. And
//    a product of two numbers has 32 bits of fraction. It keeps them until something needs 16 again: one more round then.

const products = await runMultiprocess(three, url, async (party) => {
  const x = party.cryptensor([1.5, -2], { src: ALICE });
  const y = party.cryptensor([0.25, 3], { src: BOB });
  const z = x.mul(y);
  const exact = { rounds: z.rounds, scale: z.scale, shares: await z.debugShares() };
  const narrow = z.workingPrecision();
  return {
    exact,
    narrow: { rounds: narrow.rounds, scale: narrow.scale, shares: await narrow.debugShares() },
  };
});
for (const form of ['exact', 'narrow'] as const) {
  const { rounds, scale } = products[0][form];
  const values = sum(products.map((party) => party[form].shares)).map((w) => Number(w) / 2 ** scale);
  console.log(`   ${form}: ${values} with ${scale} bits of fraction after ${rounds} rounds`);
}
// →    exact: 0.375,-6 with 32 bits of fraction after 1 rounds
// →    narrow: … with 16 bits of fraction after 2 rounds

// 4. The bits of a number are shared otherwise: each bit is the exclusive or of the parties' bits. What is easy there is
//    and, or, xor and moving bits; `to('binary')` and `toArithmetic()` go from one form to the other.

const bits = await runMultiprocess(three, url, async (party) => {
  const x = party.cryptensor([12, 10], { src: ALICE });
  const y = party.cryptensor([10, 10], { src: BOB });
  const [p, q] = [x.to('binary'), y.to('binary')];
  const both = p.and(q);
  return {
    shares: await p.debugShares(),
    and: Array.from((await both.toArithmetic().getPlainText()).data as Float32Array),
    xor: Array.from((await p.xor(q).toArithmetic().getPlainText()).data as Float32Array),
    rounds: [p.rounds, both.rounds],
    compared: await comparisons(party), // see 5.
  };
});
for (const [rank, { shares }] of bits.entries())
  console.log(rank === 0 ? '4.' : '  ', 'party', rank, hex(shares));
// → 4. party 0 …
// →    party 1 …
// →    party 2 …
console.log('   together', hex(xor(bits.map(({ shares }) => shares)))); // →    together 00000000000c0000 00000000000a0000
console.log('   12 & 10, 10 & 10 =', bits[0].and); // →    12 & 10, 10 & 10 = [ 8, 10 ]
console.log('   12 ^ 10, 10 ^ 10 =', bits[0].xor); // →    12 ^ 10, 10 ^ 10 = [ 6, 0 ]
console.log('   rounds: bits', bits[0].rounds[0], 'and', bits[0].rounds[1]); // →    rounds: bits 3 and 4

// 5. Comparisons look at bits, too, but need only one of them, so they have a protocol of their own, a tree over the digits
//    of a masked number. ReLU, maxima and functions made of pieces stand on it. The result is a secret 0 or 1 again.

async function comparisons(party: LaunchedParty) {
  const x = party.cryptensor([3, -4, 0], { src: ALICE });
  const positive = x.gt(0);
  const relu = x.relu();
  return {
    shares: await positive.debugShares(),
    values: Array.from((await positive.getPlainText()).data as Float32Array),
    relu: Array.from((await relu.getPlainText()).data as Float32Array),
    rounds: [positive.rounds, relu.rounds],
  };
}
const [{ compared }] = bits;
console.log('5. party 0 has', hex(compared.shares)); // → 5. party 0 has …
console.log('   x > 0:', compared.values, 'after', compared.rounds[0], 'rounds'); // →    x > 0: [ 1, 0, 0 ] after 3 rounds
console.log('   relu:', compared.relu, 'after', compared.rounds[1], 'rounds'); // →    relu: [ 3, 0, 0 ] after 3 rounds

// 6. Revealing is adding up shares at those who are to know: `reveal({ to })` sends everybody's share to one party.
//    What it learns is the result, not the inputs; what the result says about them is for you to think about.

const told = await runMultiprocess(three, url, async (party) => {
  const secrets = [4, 5, 9].map((own, src) => party.cryptensor([own], { src }));
  const total = secrets[0].add(secrets[1]).add(secrets[2]);
  return total.item({ to: BOB });
});
console.log('6. they learn', told); // → 6. they learn [ undefined, 18, undefined ]

// docs/protocols.md has the mathematics, and the rounds and bytes of every operation.
