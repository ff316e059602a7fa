/**
 * Programs on a network where every message takes a time of its own and overtakes others. Identity must come from the
 * order of the program, never from that of arrival: the same results, to the last bit where truncation is exact.
 */
import type { Party } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { type Job, type JobResult, runJobs } from './programs/models.js';

const numbers = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => (((i * step) % 97) - 48) / 8);

/** Many operations that depend on each other here and there, issued at once. */
async function branching(party: Party): Promise<number[]> {
  const x = party.cryptensor(numbers(64, 7), { src: 0, shape: [8, 8] });
  const y = party.cryptensor(numbers(64, 11), { src: party.worldSize - 1, shape: [8, 8] });
  const product = x.matmul(y);
  const hidden = product.relu().add(x.mul(y));
  const outputs = [
    hidden,
    x.lt(y),
    product.max(1),
    hidden.argmax(0),
    x.eq(x.relu()),
    x.reshape([1, 1, 8, 8]).maxPool2d({ kernel: [2, 2] }),
    x.reshape([1, 1, 8, 8]).avgPool2d({ kernel: [2, 2] }),
    x.gt(y).where(product, y.abs()).transpose().square(),
    y.clip(-2, 2).sum(0),
  ];
  const plain = await Promise.all(outputs.map((o) => o.revealFloat64()));
  return plain.flatMap((p) => Array.from(p?.data ?? []));
}

/** Requests that come in another order at each party: each works in a scope of its own. */
async function requests(party: Party, prepared = true): Promise<number[]> {
  const weights = party.cryptensor(numbers(16, 5), { src: 0, shape: [4, 4] });
  // Common to all requests, so what they need of it is made before them.
  if (prepared) await weights.masked();
  const serve = async (i: number): Promise<number[]> => {
    // Steps apart, so that the requests interleave, differently at each party.
    for (let wait = (i * 7 + party.rank * 5) % 6; wait > 0; wait--)
      await new Promise((resolve) => setTimeout(resolve, 2));
    const first = party.scope(`request ${i}`, () =>
      party
        .cryptensor(numbers(4, i + 2), { src: i % party.worldSize, shape: [1, 4] })
        .matmul(weights)
        .relu(),
    );
    const seen = await party.scope(`request ${i}`, () => first.revealFloat64());
    const then = await party.scope(`request ${i}`, () => first.mul(first).ge(2).revealFloat64());
    return [...(seen?.data ?? []), ...(then?.data ?? [])];
  };
  return (await Promise.all(Array.from({ length: 6 }, (_, i) => serve(i)))).flat();
}

describe('with random delays on every link', function () {
  this.timeout(30_000);

  for (const worldSize of [2, 3, 5])
    for (const [name, program, seeds] of [
      ['branching operations', branching, [1, 2, 3]],
      ['concurrent requests in scopes', (party: Party) => requests(party), [4, 5]],
    ] as const)
      it(`${name}, ${worldSize} parties: the same results`, async () => {
        const options = { parties: worldSize, config: { truncation: 'exact' } } as const;
        const { results } = await simulate(options, program);
        const [expected] = results;
        expect(expected.length).above(40);
        for (const other of results) expect(other).deep.equal(expected);
        for (const seed of seeds) {
          const delayed = await simulate({ ...options, delays: seed }, program);
          for (const result of delayed.results) expect(result).deep.equal(expected);
        }
      });

  it('a tensor that several scopes use and that was not prepared ends in PROGRAM_MISMATCH', async () => {
    const error = await simulate({ parties: 3, delays: 9 }, (party) => requests(party, false)).then(
      () => undefined,
      (e) => e,
    );
    expect([error.code, error.remoteCode]).include('PROGRAM_MISMATCH');
  });

  const jobs: Job[] = [
    { model: 'mlp_50_20_2', inputs: 'stored', mode: 'owned' },
    { model: 'mnist_lenet1_tanh', inputs: 'stored', mode: 'shared' },
  ];
  for (const [worldSize, seed] of [
    [2, 6],
    [3, 7],
    [5, 8],
  ])
    it(`models among ${worldSize} parties are as accurate as without`, async () => {
      const { results } = await simulate({ parties: worldSize, delays: seed }, (party) =>
        runJobs(party, jobs),
      );
      const found = results.flat() as JobResult[];
      expect(found.map((r) => r.model)).deep.equal(jobs.map((j) => j.model));
      for (const { maxError, agreeing, inputs } of found) {
        expect(maxError).below(0.01);
        expect(agreeing).equal(inputs);
      }
    });
});
