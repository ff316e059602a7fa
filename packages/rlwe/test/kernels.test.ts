import { expect } from 'chai';
import fc from 'fast-check';
import { Core } from '../src/core.js';
import { inverseElement, permutationBytes, reverseBits, writePermutation } from '../src/galois.js';
import { instantiateKernels, type Kernels } from '../src/kernels.js';
import { Memory } from '../src/memory.js';
import { createModulus, createStep, factorOf, type Modulus } from '../src/modulus.js';
import { inverseModulo, isPrime, multiplyModulo } from '../src/number-theory.js';

const N = 1024;
const ROWS = 8;

/** The largest primes of 20 to 30 bits that are 1 modulo 2N. */
const PRIMES = [20, 21, 23, 26, 28, 29, 30].map((bits) => {
  let q = 2 ** bits - 2 * N + 1;
  while (!isPrime(BigInt(q))) q -= 2 * N;
  return q;
});

/** Residues modulo q, some of them at the edges. */
function residues(q: number, seed: number): Uint32Array {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return Uint32Array.from({ length: N }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const kind = state >>> 29;
    if (kind === 0) return [0, 1, q - 1, q - 2, q >>> 1, (q >>> 1) + 1][(state >>> 8) % 6];
    return Math.floor((state / 2 ** 32) * q);
  });
}

const multiply = (a: number, b: number, q: number) => Number((BigInt(a) * BigInt(b)) % BigInt(q));

/** The transform by its definition, in SEAL's order: place i has the value at root^(2 reverse(i) + 1). */
function transform(coefficients: Uint32Array, root: number, q: number): Uint32Array {
  // Recursion over even and odd coefficients at powers of one root.
  const evaluate = (c: number[], r: number): number[] => {
    if (c.length === 1) return c;
    const square = multiply(r, r, q);
    const even = evaluate(
      c.filter((_, i) => i % 2 === 0),
      square,
    );
    const odd = evaluate(
      c.filter((_, i) => i % 2 === 1),
      square,
    );
    const half = c.length / 2;
    const out = new Array<number>(c.length);
    // Value i is at r^(2i+1), which is a square root of the point of even and odd i mod half.
    let power = r;
    for (let i = 0; i < c.length; i++) {
      out[i] = (even[i % half] + multiply(power, odd[i % half], q)) % q;
      power = multiply(power, square, q);
    }
    return out;
  };
  const values = evaluate(Array.from(coefficients), root);
  return Uint32Array.from({ length: N }, (_, i) => values[reverseBits(i, Math.log2(N))]);
}

describe('rlwe: kernels', () => {
  let kernels: Kernels;
  let memory: Memory;
  let moduli: Modulus[];
  let rows: number[];

  before(async () => {
    const instance = await instantiateKernels();
    kernels = instance.kernels;
    memory = new Memory(instance.memory, kernels.heapBase(), N, 2 ** 32);
    moduli = PRIMES.map((q) => createModulus(kernels, memory, N, q));
    rows = memory.takeRows(ROWS);
  });

  const write = (row: number, values: Uint32Array) => memory.words.set(values, row / 4);
  const read = (row: number) => memory.words.slice(row / 4, row / 4 + N);
  const property = (body: (m: Modulus, seed: number) => void) =>
    fc.assert(
      fc.property(fc.nat(PRIMES.length - 1), fc.integer(), (i, seed) => body(moduli[i], seed)),
      { numRuns: 60 },
    );

  it('transform as defined, and back', () => {
    for (const [i, m] of moduli.entries()) {
      const root = kernels.minimalRoot(m.q, N);
      let power = root;
      for (let k = 1; k < N; k++) power = multiplyModulo(power, root, m.q);
      expect(power).to.equal(m.q - 1);
      const input = residues(m.q, i);
      write(rows[0], input);
      kernels.forward(rows[0], N, m.forward, m.q);
      expect(read(rows[0])).to.deep.equal(transform(input, root, m.q));
      kernels.inverse(rows[0], N, m.inverse, m.q);
      expect(read(rows[0])).to.deep.equal(input);
    }
  });

  it('transform every size back and forth, and lazily reduced inputs', () => {
    for (const n of [1024, 2048, 4096, 8192, 16384, 32768]) {
      let q = 2 ** 30 - 2 * n + 1;
      while (!isPrime(BigInt(q))) q -= 2 * n;
      const m = createModulus(kernels, memory, n, q);
      const at = memory.takeBlock(4 * n);
      const input = Uint32Array.from({ length: n }, (_, i) => (Math.imul(i, 2654435761) >>> 0) % q);
      memory.words.set(
        input.map((x, i) => x + (i % 4) * q),
        at / 4,
      );
      kernels.forward(at, n, m.forward, q);
      kernels.inverse(at, n, m.inverse, q);
      expect(
        Buffer.compare(Buffer.from(memory.words.slice(at / 4, at / 4 + n).buffer), Buffer.from(input.buffer)),
      ).to.equal(0);
    }
  });

  it('find the smallest root', () => {
    const q = PRIMES[0];
    const root = kernels.minimalRoot(q, N);
    let smallest = q;
    let power = root;
    for (let i = 0; i < N; i++) {
      smallest = Math.min(smallest, power);
      power = multiply(power, multiply(root, root, q), q);
    }
    expect(root).to.equal(smallest);
  });

  it('add, subtract, negate, scale, multiply', () =>
    property((m, seed) => {
      const { q } = m;
      const [a, b, c, d] = [1, 2, 3, 4].map((i) => residues(q, seed + i));
      for (const [i, values] of [a, b, c, d].entries()) write(rows[i], values);
      const out = rows[4];
      const expectRow = (f: (i: number) => number) => expect(read(out)).to.deep.equal(a.map((_, i) => f(i)));
      kernels.addRows(out, rows[0], rows[1], N, q);
      expectRow((i) => (a[i] + b[i]) % q);
      kernels.subRows(out, rows[0], rows[1], N, q);
      expectRow((i) => (a[i] - b[i] + q) % q);
      kernels.negateRow(out, rows[0], N, q);
      expectRow((i) => (q - a[i]) % q);
      kernels.addScalarRow(out, rows[0], N, b[7], q);
      expectRow((i) => (a[i] + b[7]) % q);
      const w = factorOf(b[9], q);
      kernels.scaleRow(out, rows[0], N, w.value, w.quotient, q);
      expectRow((i) => multiply(a[i], w.value, q));
      kernels.multiplyRows(out, rows[0], rows[1], N, q, m.montgomery, m.radix.value, m.radix.quotient);
      expectRow((i) => multiply(a[i], b[i], q));
      kernels.crossRows(
        out,
        rows[0],
        rows[1],
        rows[2],
        rows[3],
        N,
        q,
        m.montgomery,
        m.radix.value,
        m.radix.quotient,
      );
      expectRow((i) => (multiply(a[i], b[i], q) + multiply(c[i], d[i], q)) % q);
      kernels.subScaleRow(out, rows[0], rows[1], N, w.value, w.quotient, q);
      expectRow((i) => multiply((a[i] - b[i] + q) % q, w.value, q));
      kernels.addSubScaleRow(out, rows[2], rows[0], rows[1], N, w.value, w.quotient, q);
      expectRow((i) => (c[i] + multiply((a[i] - b[i] + q) % q, w.value, q)) % q);
    }));

  it('sum products of many terms without overflow', () => {
    const q = PRIMES[PRIMES.length - 1];
    const m = moduli[PRIMES.length - 1];
    const unradix = inverseModulo(m.radix.value, q);
    for (const count of [0, 1, 7, 8, 9, 16, 17, 40]) {
      write(rows[0], new Uint32Array(N).fill(q - 1));
      write(
        rows[1],
        residues(q, count).map((x, i) => (i % 2 ? x : q - 1)),
      );
      write(rows[2], residues(q, count + 1));
      write(rows[3], residues(q, 5));
      const terms = memory.takeBlock(count * 12);
      for (let t = 0; t < count; t++) memory.words.set([rows[0], rows[1], rows[2]], terms / 4 + 3 * t);
      kernels.dotRows(rows[4], rows[5], terms, count, N, q, m.montgomery, 0);
      const factor = multiply(multiply(q - 1, count, q), unradix, q);
      expect(read(rows[4])).to.deep.equal(read(rows[1]).map((x) => multiply(x, factor, q)));
      expect(read(rows[5])).to.deep.equal(read(rows[2]).map((x) => multiply(x, factor, q)));
      const before = read(rows[4]);
      kernels.dotRows(rows[4], rows[3], terms, count, N, q, m.montgomery, 1);
      expect(read(rows[4])).to.deep.equal(before.map((x) => (2 * x) % q));
      expect(read(rows[3])).to.deep.equal(residues(q, 5).map((x, i) => (x + read(rows[5])[i]) % q));
      memory.giveBlock(terms, count * 12);
    }
  });

  it('lift residues from one prime to another, centred or not', () => {
    for (const [i, from] of moduli.entries())
      for (const [j, to] of moduli.entries()) {
        if (i === j) continue;
        const input = residues(from.q, i + 10 * j);
        const { shift } = createStep(from.q, to.q);
        for (const threshold of [from.q >>> 1, 0x7fffffff]) {
          const wanted = input.map((x) => {
            const signed = x > threshold ? x - from.q : x;
            return ((signed % to.q) + to.q) % to.q;
          });
          write(rows[0], input);
          kernels.liftRow(rows[1], rows[0], N, threshold, shift, to.q, to.one);
          expect(read(rows[1]).map((x) => x % to.q)).to.deep.equal(wanted);
          expect(read(rows[1]).every((x) => x < 2 * to.q)).to.equal(true);
          if (from.q > 3 * to.q) continue;
          kernels.forwardLifted(rows[1], rows[0], N, threshold, shift, to.forward, to.q);
          kernels.inverse(rows[1], N, to.inverse, to.q);
          expect(read(rows[1])).to.deep.equal(wanted);
        }
      }
  });

  it('read and write 64-bit words, and notice those that are no residues', () => {
    const q = PRIMES[3];
    const input = residues(q, 1);
    const words = memory.takeBlock(8 * N);
    write(rows[0], input);
    kernels.widen(words, rows[0], N);
    expect(kernels.narrow(rows[1], words, N, q)).to.equal(1);
    expect(read(rows[1])).to.deep.equal(input);
    for (const place of [0, 5, N - 1])
      for (const [low, high] of [
        [q, 0],
        [0xffffffff, 0],
        [0, 1],
        [0, 0x80000000],
      ]) {
        kernels.widen(words, rows[0], N);
        memory.words.set([low, high], words / 4 + 2 * place);
        expect(kernels.narrow(rows[1], words, N, q)).to.equal(0);
      }
  });

  it('reduce integers in doubles', () => {
    const values = Float64Array.from({ length: N }, (_, i) =>
      Math.round((i % 2 ? 1 : -1) * 2 ** ((i % 50) - 0.01) * (1 - i / 5000)),
    );
    const at = memory.takeBlock(8 * N);
    for (const q of PRIMES) {
      const residue = (x: number) => Number(((BigInt(x) % BigInt(q)) + BigInt(q)) % BigInt(q));
      memory.doubles.set(values, at / 8);
      kernels.reduceSmall(rows[0], at, N, q);
      expect(read(rows[0])).to.deep.equal(Uint32Array.from(values, residue));
      const large = values.map((x) => x * 4096);
      memory.doubles.set(large, at / 8);
      kernels.reduceLarge(rows[0], at, N, q);
      expect(read(rows[0])).to.deep.equal(Uint32Array.from(large, residue));
    }
  });

  it('permute values as automorphisms do', async () => {
    const q = PRIMES[6];
    const core = await Core.create({ ringDegree: N, primes: [q], specialPrime: PRIMES[5] }, {});
    const [a, b] = core.memory.takeRows(2);
    const table = core.memory.takeBlock(permutationBytes(N));
    for (const element of [3, 9, 2 * N - 1, 3 ** 7 % (2 * N), 5]) {
      expect((element * inverseElement(element, N)) % (2 * N)).to.equal(1);
      const input = residues(q, element);
      const image = new Uint32Array(N);
      for (const [i, x] of input.entries()) {
        const exponent = (i * element) % (2 * N);
        image[exponent % N] = exponent < N ? x : (q - x) % q;
      }
      core.memory.words.set(input, a / 4);
      core.forward(a, 0);
      writePermutation(core, table, element);
      core.kernels.permuteRow(b, a, N, table);
      core.inverse(b, 0);
      expect(core.memory.words.slice(b / 4, b / 4 + N)).to.deep.equal(image);
    }
  });
});
