import { expect } from 'chai';
import { compileKernels, Ring, WordsPool } from '../src/index.js';
import { expectCode } from './support.js';

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

  it('a program that does not fit the scratch says so', async () => {
    const ring = await Ring.load({ memoryBytes: 2 ** 20 });
    const a = new BigUint64Array(512 * 512);
    expectCode(() => ring.matmul(a, a, a, { m: 512, k: 512, n: 512 }), 'SCRATCH_EXHAUSTED');
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
    const pool = new WordsPool(100000);
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
