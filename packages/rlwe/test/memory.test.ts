import { expect } from 'chai';
import { type Ciphertext, Evaluator } from '../src/index.js';
import { createWorld, expectClose, expectCode, numbers, type World } from './support.js';

const SCALE = 2 ** 26;

describe('rlwe: memory', () => {
  let world: World;
  let x: Float64Array;

  before(async () => {
    world = await createWorld(1024, [30, 28, 28, 30], [1, 4]);
    x = numbers(1, world.slots);
  });

  it('does not grow over a thousand operations', () => {
    const { evaluator, keys } = world;
    const bytes = world.encryptBytes(x, SCALE);
    const transform = evaluator.encodeTransform({
      level: 3,
      scale: SCALE,
      inputs: 1,
      outputs: 1,
      babySteps: [0, 1],
      giantSteps: [0, 4],
      diagonals: [0, 1, 2, 3].map((i) => ({ output: 0, input: 0, giant: i >> 1, baby: i & 1, values: x })),
    });
    const round = () =>
      evaluator.scope(() => {
        const a = evaluator.importCiphertext(bytes);
        const b = evaluator.rescale(evaluator.relinearize(evaluator.square(a), keys));
        const [c] = evaluator.applyTransform([a], transform, keys);
        evaluator.rotateMany(b, [1, 4], keys);
        evaluator.multiplyPlain(b, evaluator.encode(x, SCALE, b.level));
        const constants = evaluator.encodeConstants(
          { columns: 1, rows: [{ columns: Int32Array.of(0), values: Float64Array.of(0.5) }] },
          SCALE,
          3,
        );
        evaluator.combine([c], constants);
        evaluator.free(constants);
        expectCode('RLWE_LEVEL', () => evaluator.add(a, b));
      });
    round();
    const before = evaluator.memoryBytes;
    for (let i = 0; i < 100; i++) round();
    expect(evaluator.memoryBytes).to.equal(before);
    evaluator.free(transform);
  });

  it('is given back by scopes, except what they return', () => {
    const { evaluator } = world;
    const made: Ciphertext[] = [];
    const keep = <T extends Ciphertext>(c: T): T => {
      made.push(c);
      return c;
    };
    const [a, [b]] = evaluator.scope(() => {
      const inner = evaluator.scope(() => [keep(world.encrypt(x, SCALE)), keep(world.encrypt(x, SCALE))]);
      keep(world.encrypt(x, SCALE));
      return [inner[0], [inner[1]]] as [Ciphertext, Ciphertext[]];
    });
    expect(made.map((c) => c.freed)).to.deep.equal([false, false, true]);
    expectClose(
      world.decrypt(evaluator.add(a, b)),
      x.map((v) => 2 * v),
      1e-3,
    );
    expect(() =>
      evaluator.scope(() => {
        keep(world.encrypt(x, SCALE));
        throw new Error('stop');
      }),
    ).to.throw('stop');
    expect(made[3].freed).to.equal(true);
    evaluator.free(a, a, b);
    evaluator.free(a);
    expect([a.freed, b.freed]).to.deep.equal([true, true]);
    expectCode('RLWE_ARGUMENT', () => evaluator.exportCiphertext(a));
  });

  it('has a limit, and is as before when it is reached', async () => {
    const small = await world.evaluatorWith({ maximumMemoryBytes: 2 << 20 });
    const bytes = world.encryptBytes(x, SCALE);
    const fill = () =>
      small.scope(() => {
        for (let i = 0; i < 1000; i++) small.importCiphertext(bytes);
      });
    const message = expectCode('RLWE_MEMORY', fill);
    expect(message).to.contain(`${2 << 20}`);
    expect(small.memoryBytes).to.be.at.most(2 << 20);
    const a = small.importCiphertext(bytes);
    expect(small.exportCiphertext(small.add(a, a)).length).to.equal(bytes.length);
    expectCode('RLWE_MEMORY', fill);
  });

  it('of two evaluators is apart, and gone after dispose', async () => {
    const other = await world.evaluatorWith({});
    const bytes = world.encryptBytes(x, SCALE);
    const a = other.importCiphertext(bytes);
    expectCode('RLWE_ARGUMENT', () => world.evaluator.negate(a));
    expectCode('RLWE_ARGUMENT', () => world.evaluator.free(a));
    expectCode('RLWE_ARGUMENT', () => other.rotate(a, 1, world.keys));
    other.dispose();
    expectCode('RLWE_ARGUMENT', () => other.negate(a));
    expectCode('RLWE_ARGUMENT', () => other.importCiphertext(bytes));
    other.free(a);
    expect(other.memoryBytes).to.equal(0);
    expect(other).to.be.instanceOf(Evaluator);
  });
});
