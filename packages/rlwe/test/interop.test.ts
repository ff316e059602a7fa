import { expect } from 'chai';
import type { Evaluator } from '../src/index.js';
import { createWorld, expectSameBytes, numbers, type World } from './support.js';

const SCALE = 2 ** 25;

describe('rlwe: the same bits as SEAL', () => {
  let world: World;
  let exact: Evaluator;
  let a: Uint8Array;
  let b: Uint8Array;

  before(async () => {
    world = await createWorld(2048, [30, 26, 24, 28, 30], [1, 5, -3]);
    exact = await world.evaluatorWith({ digits: 'seal' });
    a = world.encryptBytes(numbers(1, world.slots), SCALE);
    b = world.encryptBytes(numbers(2, world.slots), SCALE);
  });

  it('reads and writes ciphertexts at every level', () => {
    let seal = a;
    for (let level = 4; level >= 1; level--) {
      const cipher = exact.importCiphertext(seal);
      expect([cipher.size, cipher.level]).to.deep.equal([2, level]);
      expectSameBytes(exact.exportCiphertext(cipher), seal);
      if (level > 1)
        seal = world.seal([seal], ({ evaluator }, [x]) => {
          const out = x.clone();
          evaluator.cipherModSwitchToNext(x, out);
          return out;
        });
    }
  });

  it('adds, subtracts, negates', () => {
    const [x, y] = [a, b].map((bytes) => exact.importCiphertext(bytes));
    const sum = world.seal([a, b], ({ evaluator }, [p, q]) => evaluator.add(p, q) as typeof p);
    const difference = world.seal([a, b], ({ evaluator }, [p, q]) => evaluator.sub(p, q) as typeof p);
    const negated = world.seal([a], ({ evaluator }, [p]) => evaluator.negate(p) as typeof p);
    expectSameBytes(exact.exportCiphertext(exact.add(x, y)), sum);
    expectSameBytes(exact.exportCiphertext(exact.sub(x, y)), difference);
    expectSameBytes(exact.exportCiphertext(exact.negate(x)), negated);
    exact.addInPlace(x, y);
    expectSameBytes(exact.exportCiphertext(x), sum);
  });

  it('multiplies, relinearises and rescales', () => {
    const [x, y] = [a, b].map((bytes) => exact.importCiphertext(bytes));
    const keys = exact.importKeys(world.keyBytes);
    const product = world.seal([a, b], ({ evaluator }, [p, q]) => evaluator.multiply(p, q) as typeof p);
    const square = world.seal([a], ({ evaluator }, [p]) => evaluator.square(p) as typeof p);
    expectSameBytes(exact.exportCiphertext(exact.multiply(x, y)), product);
    const ours = exact.square(x);
    expectSameBytes(exact.exportCiphertext(ours), square);
    const small = world.seal([square], ({ evaluator, relinKeys }, [p]) => {
      return evaluator.relinearize(p, relinKeys) as typeof p;
    });
    const relinearized = exact.relinearize(ours, keys);
    expectSameBytes(exact.exportCiphertext(relinearized), small);
    const lower = world.seal([small], ({ evaluator }, [p]) => evaluator.rescaleToNext(p) as typeof p);
    expectSameBytes(exact.exportCiphertext(exact.rescale(relinearized)), lower);
    // Three polynomials can be rescaled as well.
    const three = world.seal([square], ({ evaluator }, [p]) => evaluator.rescaleToNext(p) as typeof p);
    expectSameBytes(exact.exportCiphertext(exact.rescale(ours)), three);
  });

  it('rotates, at every level', () => {
    const keys = exact.importKeys(world.keyBytes);
    let seal = a;
    let x = exact.importCiphertext(a);
    for (let level = 4; level >= 1; level--) {
      for (const step of [1, 5, -3]) {
        const wanted = world.seal([seal], ({ evaluator, galoisKeys }, [p]) => {
          return evaluator.rotateVector(p, step, galoisKeys) as typeof p;
        });
        expectSameBytes(exact.exportCiphertext(exact.rotate(x, step, keys)), wanted);
      }
      if (level === 1) break;
      seal = world.seal([seal], ({ evaluator }, [p]) => evaluator.rescaleToNext(p) as typeof p);
      x = exact.rescale(x);
      expectSameBytes(exact.exportCiphertext(x), seal);
      x.scale = SCALE;
      seal = exact.exportCiphertext(x);
    }
  });
});
