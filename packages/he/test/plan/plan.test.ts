import { expect } from 'chai';
import fc from 'fast-check';
import { networkFromGraph } from '../../src/network/from-graph.js';
import type { AffineStage } from '../../src/network/network.js';
import { evaluateNormal, type NormalNetwork, normalizeNetwork } from '../../src/network/normalize.js';
import { SparseMatrix } from '../../src/network/sparse-matrix.js';
import { splitRotations } from '../../src/plan/baby-giant.js';
import { planLatency } from '../../src/plan/plan.js';
import { depthOf, schedule } from '../../src/plan/schedule.js';
import { chooseLayouts } from '../../src/plan/search.js';
import { fixtureGraph } from '../helpers/fixtures.js';
import { simulate } from './simulate.js';

function planFor(network: NormalNetwork, ringDegree: number) {
  const primes = new Array<number>(depthOf(network) + 2).fill(2 ** 30 - 1);
  const chosen = schedule(network, { primes, scale: 2 ** 29, lastWeightScale: 2 ** 20 });
  const levels = chosen.steps.filter((step) => step.kind === 'affine').map((step) => step.level);
  const { layouts } = chooseLayouts(network, ringDegree / 2, levels);
  return planLatency(
    network,
    { ringDegree, primes, specialPrime: 2 ** 30 - 1, security: 128 },
    chosen,
    layouts,
  );
}

describe('planner', () => {
  it('splits rotations into babies and giants that add up to them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }).chain((log) =>
          fc.record({
            period: fc.constant(2 ** log),
            rotations: fc.uniqueArray(fc.nat(2 ** log - 1), { minLength: 1, maxLength: 40 }),
          }),
        ),
        ({ period, rotations }) => {
          const sorted = rotations.sort((a, b) => a - b);
          const { babySteps, giantSteps, pairs } = splitRotations(sorted, period, { baby: 1, giant: 3 });
          pairs.forEach(({ baby, giant }, i) => {
            expect((baby + giant) % period).to.equal(sorted[i]);
            expect(babySteps).to.include(baby);
            expect(giantSteps).to.include(giant);
          });
        },
      ),
    );
  });

  it('lenet1_square: one ciphertext each way, and the layout of interleaved planes is found', () => {
    const network = normalizeNetwork(networkFromGraph(fixtureGraph('mnist_lenet1_square', [1, 1, 28, 28])));
    const plan = planFor(network, 8192);
    expect([plan.input.ciphertexts, plan.output.ciphertexts]).to.deep.equal([1, 1]);
    const transforms = plan.stages.flatMap((stage) => (stage.kind === 'affine' ? [stage.transform] : []));
    expect(transforms.map(({ diagonals }) => diagonals.length)).to.deep.equal([36, 100, 16]);
    expect(transforms.map(({ presums }) => presums)).to.deep.equal([[], [2048, 1024], []]);
    const pixels = Float64Array.from({ length: 784 }, (_, i) => ((i * 37) % 256) / 255);
    closeTo(simulate(plan, pixels), evaluateNormal(network, pixels));
  });

  it('any chain of affine maps, also where a tensor needs several ciphertexts', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 1e6 }),
        (sizes, seed) => {
          const random = generator(seed);
          const stages: (AffineStage | NormalNetwork['stages'][number])[] = [];
          for (let i = 1; i < sizes.length; i++) {
            if (i > 1)
              stages.push({
                kind: 'activation',
                layers: [],
                shape: [1, sizes[i - 1] as number],
                activation: { kind: 'square' },
              });
            stages.push(dense(sizes[i] as number, sizes[i - 1] as number, random));
          }
          const network: NormalNetwork = {
            input: { name: 'x', shape: [1, sizes[0] as number] },
            output: { name: 'y', shape: [1, sizes.at(-1) as number] },
            stages,
          };
          const input = Float64Array.from({ length: sizes[0] as number }, random);
          closeTo(simulate(planFor(network, 32), input), evaluateNormal(network, input));
          closeTo(simulate(planFor(network, 256), input), evaluateNormal(network, input));
        },
      ),
      { numRuns: 60 },
    );
  });
});

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
}

function dense(rows: number, columns: number, random: () => number): AffineStage {
  const entries = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (_, column) => [column, random() < -0.2 ? 0 : random()] as const),
  );
  return {
    kind: 'affine',
    layers: [],
    shape: [1, rows],
    matrix: SparseMatrix.fromRows(columns, entries),
    bias: Float64Array.from({ length: rows }, random),
  };
}

function closeTo(actual: Float64Array, expected: Float64Array) {
  expect(actual.length).to.equal(expected.length);
  actual.forEach((value, i) => {
    expect(value).to.be.closeTo(expected[i] as number, 1e-9 * (1 + Math.abs(expected[i] as number)));
  });
}
