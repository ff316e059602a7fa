import { expect } from 'chai';
import { compileKernels, Ring, WordsPool } from '../src/index.js';
import { expectCode, expectSame, wordSource } from './support.js';

describe('ring: memory', () => {
  it('shares a compilation but no memory', async () => {
    const module = await compileKernels();
    const [a, b] = await Promise.all([Ring.load({ module }), Ring.load({ module, memoryBytes: 2 ** 20 })]);
    const [x, y] = [a.scratch.words(4), b.scratch.words(4)];
    x.fill(1n);
    y.fill(2n);
    a.add(x, x, x);
    b.add(y, y, y);
    // The scratch of another ring is foreign memory, and is copied.
    a.add(x, x, y);
    expect([...x]).to.deep.equal([6n, 6n, 6n, 6n]);
  });

  it('scratch is a stack', async () => {
    const { scratch } = await Ring.load({ memoryBytes: 2 ** 20 });
    const before = scratch.available;
    const mark = scratch.mark();
    const words = scratch.words(100);
    const bytes = scratch.bytes(3);
    expect(words.byteOffset % 64).to.equal(0);
    expect(bytes.byteOffset % 64).to.equal(0);
    expect(scratch.available).to.equal(before - 832 - 64);
    scratch.release(mark);
    expect(scratch.available).to.equal(before);
    const later = scratch.words(10) && scratch.mark();
    scratch.release(mark);
    expectCode(() => scratch.release(later), 'RING_ARGUMENT');
    expectCode(() => scratch.words(2 ** 20), 'SCRATCH_EXHAUSTED');
    expect(scratch.available).to.equal(before);
  });

  it('compiled programs stay when scratch is released', async () => {
    const ring = await Ring.load({ memoryBytes: 2 ** 20 });
    const mark = ring.scratch.mark();
    const program = ring.compileBitProgram([[3, 0, 0]], 1);
    ring.scratch.release(mark);
    const all = ring.scratch.words(ring.scratch.available / 8);
    all.fill(0n);
    program.run(all.subarray(0, 2), 2);
    expect(all[0]).to.equal(2n ** 64n - 1n);
    expect(all[2]).to.equal(0n);
  });

  it('large products and convolutions get along with little scratch', async () => {
    const [small, large] = await Promise.all([Ring.load({ memoryBytes: 2 ** 20 }), Ring.load()]);
    const words = wordSource(3);
    const [a, b] = [words(500 * 500), words(500 * 500)];
    for (const [m, k, n] of [
      [500, 500, 500],
      [1, 500, 500],
      [500, 500, 1],
    ]) {
      const [x, y] = [new BigUint64Array(m * n), new BigUint64Array(m * n)];
      for (const [r, out] of [[small, x] as const, [large, y] as const])
        r.matmul(out, a.subarray(0, m * k), b.subarray(0, k * n), { m, k, n });
      expectSame(x, y);
    }
    const sizes = {
      batch: 1,
      inChannels: 10,
      height: 160,
      width: 150,
      outChannels: 20,
      kernel: [3, 3],
    } as const;
    const [x, y] = [new BigUint64Array(20 * 158 * 148), new BigUint64Array(20 * 158 * 148)];
    small.conv2d(x, a.subarray(0, 240000), b.subarray(0, 1800), sizes);
    large.conv2d(y, a.subarray(0, 240000), b.subarray(0, 1800), sizes);
    expectSame(x, y);
  });
});

describe('ring: pool', () => {
  it('gives the same buffer again', () => {
    const pool = new WordsPool();
    const words = pool.take(10000);
    expect(words.length).to.equal(10000);
    pool.give(words);
    expect(pool.heldBytes).to.be.at.least(80000);
    const again = pool.take(9900);
    expect(again.buffer).to.equal(words.buffer);
    expect(again.length).to.equal(9900);
    expect(pool.heldBytes).to.equal(0);
  });

  it('always gives at least what was asked for, also from foreign buffers', () => {
    const pool = new WordsPool();
    for (let bytes = 4096; bytes < 200000; bytes += 1237) {
      pool.giveBytes(new ArrayBuffer(bytes));
      expect(pool.takeBytes(bytes).byteLength).to.be.at.least(bytes);
      expect(pool.take(bytes / 8 + 1 - ((bytes / 8) % 1)).byteLength).to.be.at.least(bytes);
    }
  });

  it('is bounded, and keeps no part of an array', () => {
    const pool = new WordsPool({ maxBytes: 100000 });
    pool.giveBytes(new ArrayBuffer(90000));
    pool.giveBytes(new ArrayBuffer(90000));
    expect(pool.heldBytes).to.equal(90000);
    pool.clear();
    pool.give(new BigUint64Array(9000).subarray(10));
    pool.give(new BigUint64Array(new SharedArrayBuffer(80000)));
    expect(pool.heldBytes).to.equal(0);
  });

  it('notices a buffer given twice', () => {
    const pool = new WordsPool();
    const words = pool.take(5000);
    pool.give(words);
    expectCode(() => pool.give(words), 'POOL_DOUBLE_GIVE');
  });
});

describe('ring: errors', () => {
  it('leave no scratch taken', async () => {
    const ring = await Ring.load({ memoryBytes: 2 ** 20 });
    const before = ring.scratch.available;
    const x = new BigUint64Array(600 * 600);
    const sizes = {
      batch: 1,
      inChannels: 1,
      height: 600,
      width: 600,
      outChannels: 1,
      kernel: [600, 600],
    } as const;
    expectCode(() => ring.conv2d(new BigUint64Array(1), x, x, sizes), 'SCRATCH_EXHAUSTED');
    expect(ring.scratch.available).to.equal(before);
  });
});
