/** Cases of bits: exact for every word, and refused where shapes or shifts do not fit. */
import type { BinarySecret, Engine } from '@tacit/mpc';
import { expect } from 'chai';
import { failureOf } from '../group.js';
import { type Case, computes, type Setting } from './cases.js';
import { type Draw, map, type Numbers, sizeOf } from './numbers.js';

/** Words that carries run through, or stop in, at every place; -1 is 2^64 - 1. */
const EDGES = [0n, -1n, 1n, -2n, -(1n << 63n), (1n << 63n) - 1n, 0x5555555555555555n, 0x0f0f0f0f0f0f0f0fn];

export function bitCases(draw: Draw) {
  const x = map(draw.tensor([4, 40], 63), (v, i) => EDGES[i] ?? (i % 3 === 0 ? 1n << BigInt(i % 63) : v));
  // Each edge meets each other one.
  const y = map(x, (_, i) => x.values[(i * 7 + 3) % sizeOf(x.shape)]);
  const zip = (f: (a: bigint, b: bigint) => bigint): Numbers => map(x, (v, i) => f(v, y.values[i]));
  const binary =
    (
      operate: (e: Engine, a: BinarySecret, b: BinarySecret) => readonly BinarySecret[],
      ...expected: readonly ((a: bigint, b: bigint) => bigint)[]
    ): Case =>
    (setting) =>
      computes(
        [x, y],
        (e, a, b) => operate(e, e.toBits(a), e.toBits(b)).map((bits) => e.fromBits(bits)),
        () => expected.map(zip),
      )(setting);
  const unsigned = (v: bigint) => BigInt.asUintN(64, v);
  return {
    toBits: binary(
      (_, a, b) => [a, b],
      (a) => a,
      (_, b) => b,
    ),
    fromBits: async (setting) => {
      await computes(
        [x],
        (e, a) => [e.fromBits(e.toBits(a).reshaped([160])), e.add(a, e.fromBits(e.toBits(a)))],
        () => [{ ...x, shape: [160] }, map(x, (v) => 2n * v)],
      )(setting);
      const none: Numbers = { shape: [0], values: [] };
      await computes(
        [none],
        (e, a) => [e.fromBits(e.toBits(a))],
        () => [none],
      )(setting);
    },
    andBits: async (setting) => {
      await binary(
        (e, a, b) => [e.andBits(a, b), e.andBits(a, a), e.andBits(a, e.andBits(b, e.notBits(a)))],
        (a, b) => a & b,
        (a) => a,
        () => 0n,
      )(setting);
      await refuses(setting);
    },
    orBits: binary(
      (e, a, b) => [e.orBits(a, b)],
      (a, b) => a | b,
    ),
    xorBits: binary(
      (e, a, b) => [e.xorBits(a, b), e.xorBits(a, a)],
      (a, b) => a ^ b,
      () => 0n,
    ),
    notBits: binary(
      (e, a) => [e.notBits(a)],
      (a) => ~a,
    ),
    shlBits: async (setting) => {
      await binary(
        (e, a) => [0, 1, 13, 63].map((k) => e.shlBits(a, k)),
        ...[0n, 1n, 13n, 63n].map((k) => (a: bigint) => a << k),
      )(setting);
      const other = (e: Engine) => e.shlBits(e.toBits(e.fromPublic(BigUint64Array.of(1n), [1])), 1 + e.rank);
      expect((await failureOf(setting.run(setting.parties, other))).code).equal('PROGRAM_MISMATCH');
    },
    shrBits: binary(
      (e, a) => [0, 1, 13, 63].map((k) => e.shrBits(a, k)),
      ...[0n, 1n, 13n, 63n].map((k) => (a: bigint) => unsigned(a) >> k),
    ),
  } satisfies Record<string, Case>;
}

const refuses = ({ parties, run }: Setting) =>
  run(parties, (e) => {
    const number = e.fromPublic(BigUint64Array.of(1n, 2n), [2]);
    const bits = e.toBits(number);
    const row = bits.reshaped([1, 2]);
    for (const call of [e.andBits, e.orBits, e.xorBits])
      expect(() => call.call(e, bits, row))
        .throws()
        .with.property('code', 'SHAPE');
    for (const k of [-1, 64, 1.5, Number.NaN]) {
      expect(() => e.shlBits(bits, k)).throws(RangeError);
      expect(() => e.shrBits(bits, k)).throws(RangeError);
    }
    bits.dispose();
    expect(bits.disposed).equal(true);
    for (const call of [() => e.notBits(bits), () => e.fromBits(bits), () => e.andBits(bits, bits)])
      expect(call).throws().with.property('code', 'DISPOSED');
    expect(row.disposed).equal(false);
    e.notBits(row);
  });
