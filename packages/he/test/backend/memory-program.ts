/** Runs 1,000 rounds of everything that makes native objects, and prints the library's memory before and after. */
import { loadHeLibrary } from '../../src/backend/node-seal.js';
import { findPrimes } from '../../src/backend/primes.js';

// The library hides its memory; it is among the exports of what it instantiates.
const memories: WebAssembly.Memory[] = [];
const instantiate = WebAssembly.instantiate;
Object.assign(WebAssembly, {
  instantiate: async (source: BufferSource, imports?: WebAssembly.Imports) => {
    const result = await instantiate(source, imports);
    for (const value of Object.values(result.instance.exports))
      if (value instanceof WebAssembly.Memory) memories.push(value);
    return result;
  },
});
const bytes = () => memories.reduce((total, { buffer }) => total + buffer.byteLength, 0);

const library = await loadHeLibrary();
const primes = findPrimes(2048, 17, 3);
const values = Float64Array.from({ length: 1024 }, (_, i) => i / 2000);
const ckks = library.createContext({
  scheme: 'ckks',
  ringDegree: 2048,
  primes: primes.slice(0, 2),
  specialPrime: primes[2],
});
const bfv = library.createContext({
  scheme: 'bfv',
  ringDegree: 2048,
  plainModulus: 12289n,
  coefficientBits: [27, 27],
});
const secret = ckks.generateSecretKey();
const bfvSecret = bfv.generateSecretKey();
const relinearization = ckks.loadRelinearizationKey(ckks.generateRelinearizationKey(secret));
const galois = ckks.loadGaloisKeys(ckks.generateGaloisKeys(secret, [1]));

function ckksRound(): void {
  ckks.scope(() => {
    const a = ckks.loadCiphertext(ckks.encryptSeeded(secret, ckks.encode(values, 2 ** 15)));
    const b = ckks.rotate(ckks.rescale(ckks.relinearize(ckks.square(a), relinearization)), 1, galois);
    ckks.addInPlace(b, b);
    ckks.decode(ckks.decrypt(secret, ckks.modSwitch(ckks.negate(b), 1)));
    ckks.loadCiphertext(ckks.saveCiphertext(ckks.multiplyPlain(a, ckks.encode(values, 2))));
  });
}

function bfvRound(): void {
  bfv.scope(() => {
    const a = bfv.encrypt(bfvSecret, bfv.encodePolynomial(BigInt64Array.of(1n, 2n)));
    const b = bfv.fromNtt(
      bfv.multiplyPlain(bfv.toNtt(a), bfv.plainToNtt(bfv.encodeBatch(BigInt64Array.of(3n)), 1)),
    );
    bfv.decodePolynomial(bfv.decrypt(bfvSecret, bfv.add(a, b)));
    bfv.invariantNoiseBudget(bfvSecret, bfv.square(a));
  });
}

function keys(): void {
  const context = library.createContext({
    scheme: 'ckks',
    ringDegree: 2048,
    primes: primes.slice(0, 2),
    specialPrime: primes[2],
  });
  const key = context.generateSecretKey();
  context.expandGaloisKeys(context.generateGaloisKeys(key, [3]));
  context.loadPublicKey(context.generatePublicKey(key));
  context.loadRelinearizationKey(context.generateRelinearizationKey(key));
  context.loadSecretKey(context.saveSecretKey(key));
  context.encrypt(key, context.encode(values, 2 ** 15));
  context.dispose();
}

for (let i = 0; i < 20; i++) ckksRound();
for (let i = 0; i < 20; i++) bfvRound();
for (let i = 0; i < 5; i++) keys();
const before = bytes();
for (let i = 0; i < 1000; i++) ckksRound();
for (let i = 0; i < 200; i++) bfvRound();
const afterRounds = bytes();
for (let i = 0; i < 20; i++) keys();
console.log(
  JSON.stringify({ before, afterRounds, afterKeys: bytes(), live: ckks.liveHandles + bfv.liveHandles }),
);
