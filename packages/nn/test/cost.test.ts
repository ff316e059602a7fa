/** Costs that are added up without running, against those of runs: every operation of the registry, and models. */
import { readFileSync } from 'node:fs';
import { allDefinitions, type ConcreteGraph } from '@tacit/graph';
import { buildGraph, parseOnnx, specialize } from '@tacit/onnx';
import { exampleGraphs } from '@tacit/testing/examples';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { costOf, type EncryptionMode, Graph, planOf } from '../src/index.js';

async function expectCosts(
  graph: ConcreteGraph,
  data: ArrayLike<number>,
  parties: number,
  mode: EncryptionMode,
): Promise<void> {
  const [{ shape }] = graph.inputs;
  const { results, dealerBytes, operations, dealt } = await simulate({ parties }, async (party) => {
    const network = new Graph(graph).encrypt(party, { src: 0, mode }).eval();
    await network.prepare();
    party.stats.reset();
    const x = party.cryptensor(party.rank === 1 ? Float64Array.from(data) : undefined, { src: 1, shape });
    await Promise.all(network.forwardAll(x).map((y) => y.revealFloat64({ to: 1 })));
    return party.stats.rounds;
  });
  const bytes = operations.flat().reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  const { setupBytes, operations: parts, setup: _, ...cost } = await costOf(graph, { parties, mode });
  expect({ ...cost, bytes: cost.bytes + setupBytes }).deep.equal({
    rounds: Math.max(...results),
    bytes,
    dealerBytes,
  });
  // What a tape would be made for is what the dealer was asked for.
  const plan = await planOf(graph, { parties, mode });
  for (const asked of dealt) expect(asked).deep.equal(plan.operations);
  // Operations finish in any order; those of the setup come beside.
  expect(operations[0].map(({ name }) => name)).include.members(parts.map(({ kind }) => kind));
}

describe('costs without running', () => {
  for (const definition of allDefinitions().filter(({ publicOnly }) => !publicOnly))
    it(`of ${definition.op} are those of a run`, async () => {
      let checked = 0;
      for (const { graph, x } of exampleGraphs(definition, [[]], [[]])) {
        // What private tensors refuse is refused without a run, too.
        const mode = checked++ % 2 ? 'shared' : 'owned';
        const refused = await costOf(graph, { mode }).then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (refused === undefined) await expectCosts(graph, x.data, 2, mode);
        else expect(refused).match(/secret|private|constant|public|negative/);
      }
    });

  it('of a network are those of a run, for 2 and 3 parties and both modes', async () => {
    const file = readFileSync(new URL('../../../fixtures/mnist_cnn_bn/model.onnx', import.meta.url));
    const graph = specialize(buildGraph(parseOnnx(file)), { input: [3, 1, 28, 28] });
    const data = new Float64Array(3 * 28 * 28).fill(0.25);
    for (const parties of [2, 3])
      for (const mode of ['owned', 'shared'] as const) await expectCosts(graph, data, parties, mode);
  });
});
