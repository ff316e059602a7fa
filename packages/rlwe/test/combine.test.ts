import { expect } from 'chai';
import type { ConstantRows } from '../src/index.js';
import { createWorld, expectClose, expectCode, numbers, type World } from './support.js';

const SCALE = 2 ** 26;

describe('rlwe: combinations with constants', () => {
  let world: World;

  before(async () => {
    world = await createWorld(1024, [30, 29, 28, 30], []);
  });

  function matrix(rows: number, columns: number, density: number, seed: number): ConstantRows {
    const random = numbers(seed, rows * columns * 2);
    return {
      columns,
      rows: Array.from({ length: rows }, (_, r) => {
        const chosen: number[] = [];
        const values: number[] = [];
        for (let c = 0; c < columns; c++) {
          const at = 2 * (r * columns + c);
          if ((random[at] + 1) / 2 >= density) continue;
          chosen.push(c);
          values.push(random[at + 1] * 3);
        }
        return { columns: Int32Array.from(chosen), values: Float64Array.from(values) };
      }),
    };
  }

  function multiply(m: ConstantRows, inputs: Float64Array[], row: number): Float64Array {
    const sum = new Float64Array(inputs[0].length);
    const { columns, values } = m.rows[row];
    for (const [k, c] of columns.entries())
      for (let s = 0; s < sum.length; s++) sum[s] += values[k] * inputs[c][s];
    return sum;
  }

  for (const [rows, columns, density] of [
    [1, 1, 1],
    [3, 40, 1],
    [7, 25, 0.3],
  ])
    it(`is a matrix product: ${rows} x ${columns}, density ${density}`, () => {
      const { evaluator } = world;
      const inputs = Array.from({ length: columns }, (_, i) => numbers(i + 5, world.slots));
      const m = matrix(rows, columns, density, rows);
      const encoded = evaluator.encodeConstants(m, SCALE, 3);
      evaluator.scope(() => {
        const ciphers = inputs.map((values) => world.encrypt(values, SCALE));
        for (const [from, to] of [
          [0, rows],
          [rows - 1, rows],
        ]) {
          const out = evaluator.combine(ciphers, encoded, from, to);
          expect(out.length).to.equal(to - from);
          for (const [i, cipher] of out.entries()) {
            expect(cipher.scale).to.equal(SCALE * SCALE);
            expectClose(world.decrypt(cipher), multiply(m, inputs, from + i), 1e-3);
          }
        }
      });
      evaluator.free(encoded);
    });

  it('wants only the inputs that the rows name; takes three polynomials and large constants', () => {
    const { evaluator } = world;
    const m: ConstantRows = {
      columns: 3,
      rows: [
        { columns: Int32Array.of(0), values: Float64Array.of(1) },
        { columns: Int32Array.of(2, 1), values: Float64Array.of(-(2 ** 22), 0) },
        { columns: Int32Array.of(1), values: Float64Array.of(1e-12) },
      ],
    };
    const encoded = evaluator.encodeConstants(m, 2 ** 33, 3);
    expect(encoded.terms).to.equal(2);
    const x = numbers(1, world.slots);
    const square = evaluator.square(world.encrypt(x, 2 ** 15));
    const [out] = evaluator.combine([undefined, undefined, square], encoded, 1, 2);
    expect(out.size).to.equal(3);
    expectClose(
      world.decrypt(out),
      x.map((v) => -(2 ** 22) * v * v),
      2 ** 22 * 0.2,
    );
    expectCode('RLWE_ARGUMENT', () => evaluator.combine([undefined, undefined, square], encoded));
    const [zero] = evaluator.combine([undefined, undefined, square], encoded, 2, 3);
    expect([zero.size, zero.scale]).to.deep.equal([3, 2 ** 63]);
    expectClose(world.decrypt(zero), new Float64Array(world.slots), 1e-12);
    expectCode('RLWE_ARGUMENT', () => evaluator.combine([undefined, undefined, undefined], encoded, 2, 3));
    expectCode('RLWE_ARGUMENT', () => evaluator.combine([square], encoded));
    expectCode('RLWE_ARGUMENT', () => evaluator.combine([square, square, square], encoded, 2, 4));
    const low = evaluator.dropLevel(square, 2);
    expectCode('RLWE_LEVEL', () => evaluator.combine([low, low, low], encoded));
    const other = world.encrypt(x, 2 ** 16);
    expectCode('RLWE_ARGUMENT', () => evaluator.combine([other, other, square], encoded));
    expectCode('RLWE_SCALE', () => evaluator.combine([other, other, world.encrypt(x, 2 ** 17)], encoded));
  });

  it('refuses a matrix that makes no sense', () => {
    const { evaluator } = world;
    const row = (columns: number[], values: number[]) => ({
      columns: 2,
      rows: [{ columns: Int32Array.from(columns), values: Float64Array.from(values) }],
    });
    for (const bad of [row([2], [1]), row([-1], [1]), row([0], [1, 2]), row([0], [Number.NaN])])
      expectCode('RLWE_ARGUMENT', () => evaluator.encodeConstants(bad, SCALE, 3));
    expectCode('RLWE_ARGUMENT', () => evaluator.encodeConstants(row([0], [1]), 0, 3));
    expectCode('RLWE_ARGUMENT', () => evaluator.encodeConstants(row([0], [1]), SCALE, 4));
  });
});
