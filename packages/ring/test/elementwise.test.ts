import fc from 'fast-check';
import type { Ring, Words } from '../src/index.js';
import * as reference from '../src/reference/index.js';
import { check, EDGES, expectCode, expectSame, LENGTHS, loadedRing, placed, wordSource } from './support.js';

const ring = loadedRing();

/** Runs an operation on every placement that matters and compares all results with the wanted one. */
function everywhere(
  inputs: readonly Words[],
  wanted: Words,
  what: string,
  run: (ring: Ring, out: Words, inputs: Words[]) => void,
): void {
  const mark = ring().scratch.mark();
  const arrays = [new BigUint64Array(wanted.length), ...inputs];
  for (const inside of [() => false, () => true, (i: number) => i % 2 === 0, (i: number) => i === 1]) {
    const [out, ...rest] = placed(ring(), arrays, inside);
    run(ring(), out, rest);
    expectSame(out, wanted, what);
  }
  // out = first input, out = last input
  for (const alias of [0, inputs.length - 1])
    for (const inside of [() => false, () => true]) {
      const copies = placed(ring(), inputs, inside);
      run(ring(), copies[alias], copies);
      expectSame(copies[alias], wanted, `${what}, out is input ${alias}`);
    }
  ring().scratch.release(mark);
}

const names = <T extends object>(operations: T): (keyof T & string)[] =>
  Object.keys(operations) as (keyof T & string)[];

describe('ring: elementwise', () => {
  for (const name of names(reference.binaryOperations))
    it(`${name} of all lengths`, () => {
      for (const n of LENGTHS) {
        const words = wordSource(n);
        const [a, b] = [words(n), words(n)];
        const wanted = reference.map(reference.binaryOperations[name], a, b);
        everywhere([a, b], wanted, `${name} ${n}`, (r, out, [x, y]) => r[name](out, x, y));
      }
    });

  it('all pairs of edge values', () => {
    const a = BigUint64Array.from(EDGES.flatMap((x) => EDGES.map(() => x)));
    const b = BigUint64Array.from(EDGES.flatMap(() => [...EDGES]));
    for (const name of names(reference.binaryOperations)) {
      const out = new BigUint64Array(a.length);
      ring()[name](out, a, b);
      expectSame(out, reference.map(reference.binaryOperations[name], a, b), name);
    }
  });

  it('unary operations', () => {
    for (const n of LENGTHS) {
      const a = wordSource(n)(n);
      for (const name of names(reference.unaryOperations))
        everywhere([a], reference.map(reference.unaryOperations[name], a), `${name} ${n}`, (r, out, [x]) =>
          r[name](out, x),
        );
    }
  });

  it('scalar operations, also with negative and large scalars', () => {
    for (const n of [0, 1, 9, 4097]) {
      const a = wordSource(n)(n);
      for (const s of [...EDGES, -1n, -(2n ** 63n), 2n ** 64n, 12345678901234567890n])
        for (const name of names(reference.scalarOperations)) {
          const wanted = reference.map((x) => reference.scalarOperations[name](x, s), a);
          const out = new BigUint64Array(n);
          ring()[name](out, a, s);
          expectSame(out, wanted, `${name} ${s}`);
        }
    }
    const out = new BigUint64Array(5);
    ring().fill(out, -3n);
    expectSame(out, new BigUint64Array(5).fill(2n ** 64n - 3n));
  });

  it('shifts and masks of every width', () => {
    const a = wordSource(5)(67);
    for (const name of names(reference.shiftOperations))
      for (let k = 0; k < (name === 'maskLow' ? 65 : 64); k++) {
        const out = new BigUint64Array(a.length);
        ring()[name](out, a, k);
        expectSame(
          out,
          reference.map((x) => reference.shiftOperations[name](x, k), a),
          `${name} ${k}`,
        );
      }
    for (const k of [-1, 64, 1.5, Number.NaN])
      expectCode(() => ring().shl(new BigUint64Array(1), new BigUint64Array(1), k), 'RING_ARGUMENT');
  });

  it('addInto', () => {
    for (const n of LENGTHS) {
      const words = wordSource(n);
      const [acc, a] = [words(n), words(n)];
      const wanted = reference.map((x, y) => x + y, acc, a);
      ring().addInto(acc, a);
      expectSame(acc, wanted);
    }
  });

  it('fused products and sums', () => {
    const factor = fc.oneof(
      fc.constantFrom(0n, 1n, -1n, 2n, -2n),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    );
    check(
      fc.property(fc.integer(), fc.nat(9000), factor, (seed, n, s) => {
        const words = wordSource(seed);
        const [a, b, c] = [words(n), words(n), words(n)];
        const mulAdd = reference.map(reference.mulAdd, a, b, c);
        everywhere([a, b, c], mulAdd, 'mulAdd', (r, out, [x, y, z]) => r.mulAdd(out, x, y, z));
        const product = reference.map((x, y, z) => reference.scaledMulAdd(x, y, z, s), a, b, c);
        everywhere([a, b, c], product, 'scaledMulAdd', (r, out, [x, y, z]) =>
          r.scaledMulAdd(out, s, x, y, z),
        );
        const square = reference.map((x, z) => reference.scaledMulAdd(x, x, z, s), a, b);
        everywhere([a, b], square, 'scaledMulAdd of a square', (r, out, [x, z]) =>
          r.scaledMulAdd(out, s, x, x, z),
        );
        const sum = reference.map((x, y) => reference.addScaled(x, s, y), a, b);
        everywhere([a, b], sum, 'addScaled', (r, out, [x, y]) => r.addScaled(out, x, s, y));
      }),
      30,
    );
  });

  it('refuses arrays of different lengths', () => {
    const [a, b] = [new BigUint64Array(3), new BigUint64Array(4)];
    expectCode(() => ring().add(a, a, b), 'RING_SHAPE');
    expectCode(() => ring().neg(a, b), 'RING_SHAPE');
    expectCode(() => ring().scaledMulAdd(a, 1n, a, a, b), 'RING_SHAPE');
  });
});
