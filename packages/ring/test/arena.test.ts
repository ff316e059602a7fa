import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { Arena } from '../src/arena.js';
import { Ring, WordsPool } from '../src/index.js';
import { check, expectCode, expectSame, wordSource } from './support.js';

const LARGE = 10_000; // words, above the size from which arrays get a place in the arena
const small = { memoryBytes: 2 ** 20, arenaBytes: 2 ** 20 };

describe('ring: arena', () => {
  it('hands out ranges that do not overlap, and joins what is given back', () => {
    const steps = fc.array(fc.tuple(fc.nat(3000), fc.nat()), { maxLength: 200 });
    check(
      fc.property(steps, (list) => {
        const arena = new Arena(100, 20_000);
        const taken: { at: number; bytes: number }[] = [];
        for (const [bytes, pick] of list) {
          if (pick % 3 === 0 && taken.length > 0) arena.give(taken.splice(pick % taken.length, 1)[0].at);
          else {
            const at = arena.take(bytes);
            if (at === undefined) continue;
            expect(at % 64).equal(0);
            expect(at).within(100, 20_000 - bytes);
            for (const other of taken)
              expect(at + bytes <= other.at || other.at + other.bytes <= at).equal(true);
            taken.push({ at, bytes: Math.max(1, bytes) });
          }
        }
        for (const { at } of taken) arena.give(at);
        expect(arena.takenBytes).equal(0);
        expect(arena.take(19_800)).equal(128);
      }),
      200,
    );
  });

  it('gives large arrays of a pool a place where kernels reach them, as long as there is room', async () => {
    const ring = await Ring.load(small);
    const pool = new WordsPool({ ring });
    const inside = (words: { buffer: ArrayBufferLike }) => words.buffer === ring.scratch.buffer;
    const arrays = Array.from({ length: 20 }, () => pool.take(LARGE));
    expect(arrays.map(inside).lastIndexOf(true)).equal(12); // 13 arrays of 80,000 bytes fit
    expect(inside(pool.take(100))).equal(false);
    const [a, b] = [0, 1].map((seed) => wordSource(seed)(LARGE));
    const wanted = a.map((v, i) => BigInt.asUintN(64, v * b[i]));
    const [x, y, z, outside] = [...arrays.slice(0, 3), arrays[19]];
    x.set(a);
    y.set(b);
    ring.mul(z, x, y);
    ring.mul(outside, x, y);
    expectSame(z, wanted);
    expectSame(outside, wanted);
    pool.give(y);
    expectCode(() => pool.give(y), 'POOL_DOUBLE_GIVE');
    expect(pool.take(LARGE).byteOffset).equal(y.byteOffset);
  });

  it('is not made while scratch is in use, whose views would be lost', async () => {
    const ring = await Ring.load(small);
    const pool = new WordsPool({ ring });
    const mark = ring.scratch.mark();
    const t = ring.scratch.words(4);
    t.fill(7n);
    expect(pool.take(LARGE).buffer).not.equal(ring.scratch.buffer);
    ring.add(t, t, t);
    expect([...t]).deep.equal([14n, 14n, 14n, 14n]);
    ring.scratch.release(mark);
    expect(pool.take(LARGE).buffer).equal(ring.scratch.buffer);
    const without = await Ring.load({ ...small, arenaBytes: 0 });
    expect(new WordsPool({ ring: without }).take(LARGE).buffer).not.equal(without.scratch.buffer);
  });

  it('does without where the machine has no memory to give', async () => {
    const ring = await Ring.load(small);
    const pool = new WordsPool({ ring });
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = () => {
      throw new RangeError('no more');
    };
    try {
      const [x, y] = [pool.take(LARGE), pool.take(LARGE)];
      expect(x.buffer).not.equal(ring.scratch.buffer);
      x.fill(3n);
      ring.add(y, x, x);
      expect(y[LARGE - 1]).equal(6n);
      pool.give(x);
      expect(pool.take(LARGE).buffer).equal(x.buffer);
    } finally {
      WebAssembly.Memory.prototype.grow = grow;
    }
  });

  it('gets back what was forgotten', async () => {
    const ring = await Ring.load(small);
    const pool = new WordsPool({ ring });
    (() => {
      for (let i = 0; i < 5; i++) pool.take(LARGE);
    })();
    const kept = pool.take(LARGE);
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    for (let i = 0; i < 50 && (ring.arena()?.takenBytes ?? 0) > 2 * kept.byteLength; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(ring.arena()?.takenBytes).equal(80_000);
    expect(kept.buffer).equal(ring.scratch.buffer);
  });
});
