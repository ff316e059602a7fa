import { expect } from 'chai';
import {
  createWorld,
  expectClose,
  expectCode,
  expectSameBytes,
  largestError,
  numbers,
  rotated,
  type World,
} from './support.js';

const SCALE = 2 ** 28;

describe('rlwe: operations', () => {
  let world: World;
  let x: Float64Array;
  let y: Float64Array;

  before(async () => {
    world = await createWorld(2048, [30, 28, 28, 28, 30], [1, 2, 3, 9, 27, 100, -1, -50]);
    x = numbers(1, world.slots);
    y = numbers(2, world.slots);
  });

  it('adds and multiplies by encoded values', () => {
    const { evaluator } = world;
    const a = world.encrypt(x, SCALE);
    const plain = evaluator.encode(y, SCALE, 4);
    expectClose(
      world.decrypt(evaluator.addPlain(a, plain)),
      x.map((v, i) => v + y[i]),
      1e-4,
    );
    const product = evaluator.multiplyPlain(a, plain);
    expect(product.scale).to.equal(SCALE * SCALE);
    expectClose(
      world.decrypt(product),
      x.map((v, i) => v * y[i]),
      1e-4,
    );
    const lower = evaluator.rescale(product);
    expect(lower.level).to.equal(3);
    expectClose(
      world.decrypt(lower),
      x.map((v, i) => v * y[i]),
      1e-4,
    );
  });

  it('encodes few values, large scales and large values', () => {
    const { evaluator } = world;
    for (const [scale, factor] of [
      [2 ** 20, 1],
      [2 ** 40, 1],
      [2 ** 60, 1],
      [2 ** 30, 1e6],
      [2 ** 50, 200],
    ]) {
      const values = numbers(3, 37).map((v) => v * factor);
      const zero = evaluator.multiplyConstant(world.encrypt(x, SCALE), 0, scale / SCALE);
      const sum = evaluator.addPlain(zero, evaluator.encode(values, scale, 4));
      const decoded = world.decrypt(sum);
      expectClose(decoded, values, Math.max(factor * 1e-9, 400 / scale));
      expectClose(
        decoded.subarray(37),
        new Float64Array(world.slots - 37),
        Math.max(factor * 1e-9, 400 / scale),
      );
    }
  });

  it('adds and multiplies by constants', () => {
    const { evaluator } = world;
    const a = world.encrypt(x, SCALE);
    expectClose(
      world.decrypt(evaluator.addConstant(a, -2.75)),
      x.map((v) => v - 2.75),
      1e-4,
    );
    const product = evaluator.multiplyConstant(a, -1.5, 2 ** 28);
    expectClose(
      world.decrypt(product),
      x.map((v) => v * -1.5),
      1e-4,
    );
    expectClose(
      world.decrypt(evaluator.addConstant(product, 1000)),
      x.map((v) => v * -1.5 + 1000),
      1e-4,
    );
  });

  it('squares, relinearises, rescales down to the last prime', () => {
    const { evaluator, keys } = world;
    const a = world.encrypt(x, SCALE);
    const square = evaluator.square(a);
    expect(square.size).to.equal(3);
    expectClose(
      world.decrypt(square),
      x.map((v) => v * v),
      1e-4,
    );
    const once = evaluator.rescale(evaluator.relinearize(square, keys));
    expectClose(
      world.decrypt(once),
      x.map((v) => v * v),
      1e-4,
    );
    const twice = evaluator.rescale(evaluator.relinearize(evaluator.square(once), keys));
    expectClose(
      world.decrypt(twice),
      x.map((v) => v ** 4),
      1e-3,
    );
    const both = evaluator.add(evaluator.square(a), a.scale === 1 ? a : evaluator.square(a));
    expectClose(
      world.decrypt(evaluator.relinearize(both, keys)),
      x.map((v) => 2 * v * v),
      1e-4,
    );
  });

  it('adds ciphertexts of two and three polynomials', () => {
    const { evaluator } = world;
    const a = world.encrypt(x, SCALE);
    const square = evaluator.square(a);
    const two = evaluator.multiplyConstant(a, 1, SCALE);
    expectClose(
      world.decrypt(evaluator.add(two, square)),
      x.map((v) => v + v * v),
      1e-4,
    );
    expectClose(
      world.decrypt(evaluator.sub(two, square)),
      x.map((v) => v - v * v),
      1e-4,
    );
    expectClose(
      world.decrypt(evaluator.sub(square, two)),
      x.map((v) => v * v - v),
      1e-4,
    );
  });

  it('rotates, one and several at a time, at every level', () => {
    const { evaluator, keys } = world;
    let a = world.encrypt(x, SCALE);
    for (let level = 4; level >= 1; level--) {
      a = evaluator.dropLevel(a, level);
      const steps = [1, 2, -1, 100, 0, world.slots - 1];
      for (const [i, out] of evaluator.rotateMany(a, steps, keys).entries())
        expectClose(world.decrypt(out), rotated(x, steps[i]), 1e-4);
      expectClose(world.decrypt(evaluator.rotate(a, 100, keys)), rotated(x, 100), 1e-4);
    }
  });

  it('makes smaller errors in rotations than with digits from 0 to q', async () => {
    // Digits from 0 to q have a mean, which makes a large error in few slots; how large is a matter of the key.
    const exact = await world.evaluatorWith({ digits: 'seal' });
    const { evaluator } = world;
    const bytes = world.encryptBytes(x, SCALE);
    const [ours, theirs] = [evaluator, exact].map((e) => e.importCiphertext(bytes));
    const plainKeys = exact.importKeys(world.keyBytes);
    const values = world.decrypt(ours);
    let centred = 0;
    let plain = 0;
    for (const step of [1, 2, 3, 9, 27, 100, -1, -50]) {
      const wanted = rotated(values, step);
      const other = evaluator.importCiphertext(exact.exportCiphertext(exact.rotate(theirs, step, plainKeys)));
      centred = Math.max(
        centred,
        largestError(world.decrypt(evaluator.rotate(ours, step, world.keys)), wanted),
      );
      plain = Math.max(plain, largestError(world.decrypt(other), wanted));
    }
    expect(centred).to.be.below(plain);
  });

  it('gives the same bits hoisted and alone', () => {
    const { evaluator, keys } = world;
    const a = world.encrypt(x, SCALE);
    for (const [i, out] of evaluator.rotateMany(a, [1, 27], keys).entries())
      expectSameBytes(
        evaluator.exportCiphertext(out),
        evaluator.exportCiphertext(evaluator.rotate(a, [1, 27][i], keys)),
      );
  });

  it('refuses operands that do not fit, and says why', () => {
    const { evaluator, keys } = world;
    const a = world.encrypt(x, SCALE);
    const b = world.encrypt(x, SCALE * 1.001);
    expect(expectCode('RLWE_SCALE', () => evaluator.add(a, b))).to.contain('2^28.0000 and 2^28.0014');
    expectCode('RLWE_LEVEL', () => evaluator.add(a, evaluator.dropLevel(a, 2)));
    expectCode('RLWE_LEVEL', () => evaluator.rescale(evaluator.dropLevel(a, 1)));
    expectCode('RLWE_ARGUMENT', () => evaluator.dropLevel(evaluator.dropLevel(a, 1), 2));
    expect(expectCode('RLWE_KEY', () => evaluator.rotate(a, 7, keys))).to.contain('step 7');
    expectCode('RLWE_ARGUMENT', () => evaluator.rotate(evaluator.square(a), 1, keys));
    expectCode('RLWE_ARGUMENT', () => evaluator.rotate(a, 0.5, keys));
    expectCode('RLWE_ARGUMENT', () => evaluator.multiply(evaluator.square(a), a));
    expectCode('RLWE_KEY', () => evaluator.relinearize(evaluator.square(a), evaluator.importKeys({})));
    expectCode('RLWE_ARGUMENT', () => evaluator.encode(new Float64Array(world.slots + 1), SCALE, 4));
    expectCode('RLWE_ARGUMENT', () => evaluator.encode(Float64Array.of(Number.NaN), SCALE, 4));
    expectCode('RLWE_ARGUMENT', () => evaluator.encode(new Float64Array(world.slots).fill(1e9), 2 ** 33, 4));
    expectCode('RLWE_ARGUMENT', () => evaluator.encode(Float64Array.of(1e5), 2 ** 30, 1));
    expectCode('RLWE_ARGUMENT', () => evaluator.encode(x, SCALE, 5));
    const low = evaluator.dropLevel(a, 1);
    for (const product of [
      () => evaluator.square(low),
      () => evaluator.multiplyConstant(low, 1, 4),
      () => evaluator.multiplyPlain(low, evaluator.encode(Float64Array.of(0.01), 8, 1)),
    ])
      expect(expectCode('RLWE_LEVEL', product)).to.contain('30 bits of level 1');
    evaluator.free(a);
    expectCode('RLWE_ARGUMENT', () => evaluator.negate(a));
  });

  it('knows which steps there are keys for', () => {
    const { keys } = world;
    expect(keys.steps).to.deep.equal([1, 2, 3, 9, 27, 100, world.slots - 50, world.slots - 1]);
    expect([1, -1, world.slots + 2, 4].map((step) => keys.hasStep(step))).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
    expect(keys.bytes).to.be.above(9 * 4 * 2 * 5 * 2048 * 4);
  });
});
