import { expect } from 'chai';
import type { LinearTransform } from '../src/index.js';
import { createWorld, expectClose, expectCode, numbers, rotated, type World } from './support.js';

const SCALE = 2 ** 28;

/** The definition of a transform, on plain slots. */
function reference(transform: LinearTransform, inputs: Float64Array[]): Float64Array[] {
  const slots = inputs[0].length;
  return Array.from({ length: transform.outputs }, (_, i) => {
    const sum = new Float64Array(slots);
    for (const [g, giant] of transform.giantSteps.entries()) {
      const inner = new Float64Array(slots);
      for (const diagonal of transform.diagonals) {
        if (diagonal.output !== i || diagonal.giant !== g) continue;
        const x = rotated(inputs[diagonal.input], transform.babySteps[diagonal.baby]);
        for (const [s, value] of diagonal.values.entries()) inner[s] += value * x[s];
      }
      for (const [s, value] of rotated(inner, giant).entries()) sum[s] += value;
    }
    return sum;
  });
}

describe('rlwe: linear transforms', () => {
  let world: World;

  before(async () => {
    world = await createWorld(2048, [30, 28, 28, 28, 30], [1, 2, 3, -1, 32, 64]);
  });

  /** All diagonals for all combinations of the steps. */
  function dense(
    level: number,
    inputs: number,
    outputs: number,
    babySteps: number[],
    giantSteps: number[],
  ): LinearTransform {
    const diagonals: LinearTransform['diagonals'][number][] = [];
    for (let output = 0; output < outputs; output++)
      for (let input = 0; input < inputs; input++)
        for (const giant of giantSteps.keys())
          for (const baby of babySteps.keys()) {
            const length = diagonals.length % 3 === 0 ? world.slots / 2 : world.slots;
            diagonals.push({ output, input, giant, baby, values: numbers(diagonals.length + 10, length) });
          }
    return { level, scale: SCALE, inputs, outputs, babySteps, giantSteps, diagonals };
  }

  const cases: [string, number, number, number, number[], number[]][] = [
    ['baby and giant steps', 4, 1, 1, [0, 1, 2], [0, 32, 64]],
    ['baby steps without 0', 3, 1, 1, [1, -1], [32, 64]],
    ['giant steps only', 4, 1, 1, [0], [0, 32, 1]],
    ['giant steps only, none of them 0', 2, 2, 1, [0], [32, 64]],
    ['baby steps only', 4, 1, 1, [0, 1, 2, 3], [0]],
    ['no rotation', 3, 3, 2, [0], [0]],
    ['several inputs and outputs', 2, 2, 3, [0, 1], [0, 32]],
    ['more terms than a sum takes at once', 2, 3, 1, [0, 1, 2, 3, -1, 32], [64]],
    [
      'steps that are equal, negative or all the way round',
      2,
      1,
      1,
      [2048, 1, -1023, -1],
      [0, 1024, 32, -992],
    ],
    ['the last prime', 1, 1, 1, [0, 1], [0, 32]],
  ];
  for (const [name, level, inputs, outputs, babySteps, giantSteps] of cases)
    it(`is what it is defined to be: ${name}`, () => {
      const { evaluator, keys } = world;
      // At level 1 there is room for 30 bits only.
      const scale = level === 1 ? 2 ** 10 : SCALE;
      const transform = { ...dense(level, inputs, outputs, babySteps, giantSteps), scale };
      const values = Array.from({ length: inputs }, (_, i) => numbers(i, world.slots));
      const wanted = reference(transform, values);
      const encoded = evaluator.encodeTransform(transform);
      evaluator.scope(() => {
        const ciphers = values.map((v) => {
          const fresh = world.encrypt(v, level === 1 ? 2 ** 17 : SCALE);
          return evaluator.dropLevel(fresh, level);
        });
        const out = evaluator.applyTransform(ciphers, encoded, keys);
        expect(out.length).to.equal(outputs);
        for (const [i, cipher] of out.entries()) {
          expect([cipher.level, cipher.scale]).to.deep.equal([level, ciphers[0].scale * scale]);
          // At 2^17 the noise of a fresh ciphertext is 0.06 to 0.1 at its largest, of all slots; a wrong term is off by 1.
          expectClose(world.decrypt(cipher), wanted[i], level === 1 ? 0.2 : 1e-3);
        }
      });
      evaluator.free(encoded);
    });

  it('takes diagonals that are zero or short', () => {
    const { evaluator, keys } = world;
    const transform: LinearTransform = {
      level: 2,
      scale: SCALE,
      inputs: 1,
      outputs: 1,
      babySteps: [0, 1],
      giantSteps: [0, 32],
      diagonals: [
        { output: 0, input: 0, giant: 0, baby: 1, values: new Float64Array(0) },
        { output: 0, input: 0, giant: 1, baby: 0, values: Float64Array.of(2) },
      ],
    };
    const x = numbers(1, world.slots);
    const encoded = evaluator.encodeTransform(transform);
    expect(encoded.steps).to.have.members([1, 32]);
    const [out] = evaluator.applyTransform([evaluator.dropLevel(world.encrypt(x, SCALE), 2)], encoded, keys);
    expectClose(world.decrypt(out), reference(transform, [x])[0], 1e-3);
  });

  for (const babySteps of [[0], [0, 1]])
    it(`an output without diagonals is zero, baby steps ${babySteps.join()}`, () => {
      const { evaluator, keys } = world;
      const frame = { level: 2, scale: SCALE, inputs: 1, babySteps, giantSteps: [0] };
      const baby = babySteps.length - 1;
      const values = Float64Array.of(3);
      const x = numbers(1, world.slots);
      for (const diagonals of [[], [{ output: 1, input: 0, giant: 0, baby, values }]]) {
        const transform = { ...frame, outputs: 3, diagonals };
        const encoded = evaluator.encodeTransform(transform);
        const input = evaluator.dropLevel(world.encrypt(x, SCALE), 2);
        const out = evaluator.applyTransform([input], encoded, keys);
        for (const [i, cipher] of out.entries()) {
          expect([cipher.level, cipher.scale]).to.deep.equal([2, SCALE * SCALE]);
          expectClose(world.decrypt(cipher), reference(transform, [x])[i], 1e-3);
        }
      }
    });

  it('refuses what does not fit', () => {
    const { evaluator, keys } = world;
    const transform = dense(3, 1, 1, [0, 1], [0, 5]);
    const a = world.encrypt(numbers(1, world.slots), SCALE);
    const encoded = evaluator.encodeTransform(transform);
    const low = evaluator.dropLevel(a, 3);
    const message = expectCode('RLWE_KEY', () => evaluator.applyTransform([low], encoded, keys));
    expect(message).to.contain('step 5');
    expectCode('RLWE_LEVEL', () => evaluator.applyTransform([a], encoded, keys));
    expectCode('RLWE_ARGUMENT', () => evaluator.applyTransform([low, low], encoded, keys));
    const [first] = transform.diagonals;
    for (const bad of [{ giant: 2 }, { baby: -1 }, { input: 1 }, { output: 0.5 }])
      expectCode('RLWE_ARGUMENT', () =>
        evaluator.encodeTransform({ ...transform, diagonals: [{ ...first, ...bad }] }),
      );
  });
});
