/** The plain twin: no false alarm for any operation of the registry, and the first wrong one by name. */
import { type AnyDefinition, allDefinitions, UnsupportedOperationError } from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { call } from '../src/cryptensor.js';
import { type CrypTensor, type Party, Twin } from '../src/index.js';
import { runParties } from './helpers/parties.js';

/** Examples of an operation, with operands at rest, products, and those that one party owns or all know. */
function issueExamples(party: Party, definition: AnyDefinition): void {
  definition.examples.slice(0, 1).forEach((example, index) => {
    const inputs = exampleInputs(example, index);
    const first = party.cryptensor({ dims: inputs[0].shape, data: inputs[0].data }, { src: 0 });
    const others = inputs.slice(1);
    const ways: (readonly unknown[])[] = [
      [first, ...others.map(({ shape, data }) => party.cryptensor({ dims: shape, data }, { src: 1 }))],
      [first, ...others.map(({ shape, data }) => party.owned({ dims: shape, data }, { src: 1 }))],
      [first.mul(0.3).mul(first), ...others.map(({ shape, data }) => ({ dims: shape, data }))],
    ];
    for (const operands of others.length === 0 ? [ways[0], ways[2]] : ways)
      try {
        call(party.context, definition.op as never, operands as never, example.attributes, definition.op);
      } catch (error) {
        if (!(error instanceof UnsupportedOperationError)) throw error;
      }
  });
}

const verdictOf = async (parties: number, program: (party: Party) => unknown) => {
  const errors = await runParties(parties, async (party) => {
    const twin = new Twin(party.context);
    await program(party);
    return (await twin.verdict())?.message;
  });
  for (const error of errors) expect(error).equal(errors[0]);
  return errors[0];
};

describe('the plain twin', () => {
  it('finds nothing wrong with any operation of the registry', async () => {
    const all = allDefinitions().filter(({ publicOnly }) => !publicOnly);
    expect(
      await verdictOf(2, (party) => {
        for (const definition of all) issueExamples(party, definition);
      }),
    ).equal(undefined);
  });

  it('finds nothing wrong with gradients, for which operations keep more than their results', async () => {
    const program = (party: Party): void => {
      const x = party.cryptensor([[1, -2, 0.5]], { src: 0, requiresGrad: true });
      // A product each time, since a graph is passed once.
      const y = () => x.mul(0.3).mul(x);
      for (const z of [y().relu(), y().logSoftmax(1), y().max(1)]) z.sum().backward();
    };
    expect(await verdictOf(2, program)).equal(undefined);
  });

  it('names the first operation that left its range', async () => {
    const program = (party: Party): CrypTensor => {
      const x = party.cryptensor([3, 20_000], { src: 0 });
      return x.relu().mul(x).add(1).mul(x).relu();
    };
    expect(await verdictOf(2, program)).match(
      /^operation \d+, Mul of \[2\], \[2\]: element 1 .* leaves the range of 2\^28/,
    );
  });

  it('names what lies outside of the domain of a function', async () => {
    const program = (party: Party) => party.cryptensor([1, 15], { src: 1 }).neg().neg().exp();
    expect(await verdictOf(3, program))
      .contains('Exp of [2]: element 1')
      .and.contains('its input 15 lies outside');
  });
});
