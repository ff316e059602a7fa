import { engineCompliance } from '@tacit/compliance';
import { expect } from 'chai';
import { openPlain, type PlainEngine, ProgramMismatchError } from '../../src/index.js';
import { sharedRings, signed, words } from '../helpers/parties.js';

engineCompliance(
  'plain',
  async (parties, program, config) => {
    const [ring] = await sharedRings(1);
    const { engines, functionality } = openPlain(parties, ring, config);
    const running = engines.map(async (engine) => {
      try {
        const result = await program(engine);
        await engine.finish();
        return result;
      } catch (error) {
        functionality.fail(error as Error); // the others must not wait for this party
        throw error;
      }
    });
    await Promise.allSettled(running);
    return Promise.all(running);
  },
  [2, 3],
);

describe('the ideal functionality', () => {
  it('forgets what all parties have given and what is done', async () => {
    const [ring] = await sharedRings(1);
    const { engines, functionality } = openPlain(2, ring);
    const program = async (engine: PlainEngine) => {
      for (let i = 0; i < 50; i++)
        engine.scope(`request ${i}`, () => engine.neg(engine.fromPublic(words([1n]), [1])), { last: true });
      const last = await engine.reveal(engine.fromPublic(words([1n]), [1]));
      await engine.finish();
      return signed(last ?? words([]));
    };
    expect(await Promise.all(engines.map(program))).deep.equal([[1n], [1n]]);
    expect(functionality.pending).equal(0);
  });

  it('ends for all parties when one goes on after another has ended', async () => {
    const [ring] = await sharedRings(1);
    const { engines } = openPlain(2, ring);
    const ends = engines[0].finish();
    expect(() => engines[1].fromPublic(words([1n]), [1])).not.throws();
    await ends.then(
      () => expect.fail('ended'),
      (error) => expect(error).instanceOf(ProgramMismatchError),
    );
    expect(() => engines[1].fromPublic(words([1n]), [1])).throws(ProgramMismatchError, 'the program ended');
  });

  it('does not wait for a party that failed', async () => {
    const [ring] = await sharedRings(1);
    const { engines, functionality } = openPlain(2, ring);
    const waiting = engines[1].reveal(engines[1].input(0, [1], undefined));
    functionality.fail(new Error('party 0 is gone'));
    await waiting.then(
      () => expect.fail('went on'),
      (error) => expect(error.message).equal('party 0 is gone'),
    );
  });
});
